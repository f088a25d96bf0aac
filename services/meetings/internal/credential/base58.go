package credential

import (
	"errors"
	"math/big"
	"slices"
	"strings"
)

// base58 is Bitcoin's alphabet, which multibase calls z.
const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// longestBase58 is more than any key or signature takes: the conversion's cost grows with the square of the length.
const longestBase58 = 128

var errBase58 = errors.New("not base58btc")

// encodeMultibase writes bytes as multibase, base58btc.
func encodeMultibase(b []byte) string {
	n, radix, digit := new(big.Int).SetBytes(b), big.NewInt(58), new(big.Int)
	var out []byte
	for n.Sign() > 0 {
		n.DivMod(n, radix, digit)
		out = append(out, base58[digit.Int64()])
	}
	for _, zero := range b {
		if zero != 0 {
			break
		}
		out = append(out, base58[0])
	}
	slices.Reverse(out)
	return "z" + string(out)
}

// decodeMultibase reads what encodeMultibase writes.
func decodeMultibase(text string) ([]byte, error) {
	digits, found := strings.CutPrefix(text, "z")
	if !found || len(digits) > longestBase58 {
		return nil, errBase58
	}
	n, radix := new(big.Int), big.NewInt(58)
	for i := range len(digits) {
		value := strings.IndexByte(base58, digits[i])
		if value < 0 {
			return nil, errBase58
		}
		n.Add(n.Mul(n, radix), big.NewInt(int64(value)))
	}
	zeros := len(digits) - len(strings.TrimLeft(digits, base58[:1]))
	return append(make([]byte, zeros), n.Bytes()...), nil
}
