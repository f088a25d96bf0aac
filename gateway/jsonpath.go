package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// offset turns protojson's position (columns count runes, from 1) into a byte offset.
func offset(data []byte, line, column int) int {
	at := 0
	for ; line > 1; line-- {
		at += bytes.IndexByte(data[at:], '\n') + 1
	}
	for ; column > 1 && at < len(data); column-- {
		_, n := utf8.DecodeRune(data[at:])
		at += n
	}
	return at
}

// frame is an object or an array that is being read.
type frame struct {
	array bool
	index int
	name  string
	named bool // an object whose name has been read, and its value not yet
}

// pathAt names the field whose name or value stands at an offset, as the caller wrote it: "slots[1].startTime".
func pathAt(data []byte, at int) string {
	var frames []frame
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber() // 1e400 is a token like any other
	for {
		token, err := d.Token()
		if err != nil {
			return ""
		}
		if token == json.Delim('}') || token == json.Delim(']') {
			frames = frames[:len(frames)-1]
			continue
		}
		step(frames, token)
		if d.InputOffset() > int64(at) {
			return pathOf(frames)
		}
		frames = enter(frames, token)
	}
}

// step takes a name or the beginning of a value into account.
func step(frames []frame, token json.Token) {
	if len(frames) == 0 {
		return
	}
	f := &frames[len(frames)-1]
	if f.array {
		f.index++
		return
	}
	if name, ok := token.(string); ok && !f.named {
		f.name, f.named = name, true
		return
	}
	f.named = false
}

func enter(frames []frame, token json.Token) []frame {
	switch token {
	case json.Delim('{'):
		return append(frames, frame{})
	case json.Delim('['):
		return append(frames, frame{array: true, index: -1})
	}
	return frames
}

func pathOf(frames []frame) string {
	var b strings.Builder
	for _, f := range frames {
		switch {
		case f.array:
			fmt.Fprintf(&b, "[%d]", f.index)
		case f.name == "":
		case b.Len() > 0:
			b.WriteString("." + f.name)
		default:
			b.WriteString(f.name)
		}
	}
	return b.String()
}
