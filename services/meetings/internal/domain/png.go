package domain

import (
	"encoding/binary"
	"hash/crc32"
)

const pngHead = "\x89PNG\r\n\x1a\n"

// The chunks without which a PNG is not shown, or in other colours. Texts, times, EXIF and what programs add for themselves are not
// among them.
var pngNeeded = map[string]bool{
	"IHDR": true, "PLTE": true, "IDAT": true, "IEND": true, "tRNS": true,
	"cHRM": true, "gAMA": true, "sBIT": true, "sRGB": true, "cICP": true, "bKGD": true, "pHYs": true,
}

// stripPNG keeps of a PNG file the chunks that show the picture, and nothing after its end. It reports false for what is not a whole PNG.
func stripPNG(in []byte) ([]byte, bool) {
	if len(in) < len(pngHead) || string(in[:len(pngHead)]) != pngHead {
		return nil, false
	}
	out := append(make([]byte, 0, len(in)), pngHead...)
	headed, shown := false, false
	for at := len(pngHead); at+12 <= len(in); {
		size := uint64(binary.BigEndian.Uint32(in[at:]))
		end := uint64(at) + 12 + size
		if end > uint64(len(in)) {
			return nil, false
		}
		chunk := in[at:end]
		kind, body := string(chunk[4:8]), chunk[4:len(chunk)-4]
		if crc32.ChecksumIEEE(body) != binary.BigEndian.Uint32(chunk[len(chunk)-4:]) || headed == (kind == "IHDR") {
			return nil, false
		}
		if kind == "IHDR" && !pngReasonable(body) {
			return nil, false
		}
		headed, shown = true, shown || kind == "IDAT"
		if pngNeeded[kind] {
			out = append(out, chunk...)
		}
		if kind == "IEND" {
			return out, shown
		}
		at = int(end) // at most the length of in
	}
	return nil, false
}

// mostPixels is above any camera's; a few kilobytes may claim to be a picture of gigabytes.
const mostPixels = 200e6

func pngReasonable(header []byte) bool {
	if len(header) != 4+13 {
		return false
	}
	width, height := uint64(binary.BigEndian.Uint32(header[4:])), uint64(binary.BigEndian.Uint32(header[8:]))
	return width > 0 && height > 0 && width*height <= mostPixels
}
