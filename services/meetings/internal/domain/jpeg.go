package domain

import (
	"bytes"
	"encoding/binary"
)

// The markers of ITU-T T.81, annex B.
const (
	jpegSOI  = 0xD8 // start of image
	jpegEOI  = 0xD9 // end of image
	jpegSOS  = 0xDA // start of a scan
	jpegSOF0 = 0xC0 // start of a frame, to 0xCF but for three
	jpegAPP0 = 0xE0 // what applications add, to 0xEF
)

// stripJPEG keeps of a JPEG file what shows the picture: tables, frames and scans, the JFIF head, the colour profile and Adobe's
// colour transform. Places, times, devices, comments and whatever follows the picture go; of EXIF only the orientation stays. It reports
// false for what is not a whole JPEG.
func stripJPEG(in []byte) ([]byte, bool) {
	if len(in) < 4 || in[0] != 0xFF || in[1] != jpegSOI {
		return nil, false
	}
	out := append(make([]byte, 0, len(in)), in[:2]...)
	framed, scanned := false, false
	for at := 2; ; {
		marker, body, next := jpegSegment(in, at)
		switch {
		case next == 0:
			return nil, false
		case marker == jpegEOI:
			return append(out, 0xFF, jpegEOI), framed && scanned
		case marker == jpegSOS:
			scanned = true
			next = jpegScanEnd(in, next)
		case isFrame(marker):
			framed = true
		}
		if o := exifOrientation(marker, body); o > 1 {
			out = append(out, orientationSegment(o)...)
		}
		if jpegNeeded(marker, body) {
			out = append(out, in[at:next]...)
		}
		at = next
	}
}

// jpegSegment reads a segment: its marker, what is in it, and where the next one begins; 0 when there is none.
func jpegSegment(in []byte, at int) (marker byte, body []byte, next int) {
	for at+2 < len(in) && in[at] == 0xFF && in[at+1] == 0xFF { // markers may be led by any number of these
		at++
	}
	if at+2 > len(in) || in[at] != 0xFF {
		return 0, nil, 0
	}
	marker = in[at+1]
	switch {
	case marker == jpegEOI:
		return marker, nil, at + 2
	case marker < jpegSOF0 || marker >= 0xD0 && marker <= jpegSOI || at+4 > len(in):
		return 0, nil, 0
	}
	size := int(binary.BigEndian.Uint16(in[at+2:]))
	if next = at + 2 + size; size < 2 || next > len(in) {
		return 0, nil, 0
	}
	return marker, in[at+4 : next], next
}

// jpegScanEnd is where the data of a scan end: at a marker that is neither a stuffed byte nor a restart.
func jpegScanEnd(in []byte, at int) int {
	for ; at+1 < len(in); at++ {
		if in[at] == 0xFF && in[at+1] != 0 && in[at+1] != 0xFF && (in[at+1] < 0xD0 || in[at+1] > 0xD7) {
			return at
		}
	}
	return len(in)
}

func isFrame(marker byte) bool {
	return marker >= jpegSOF0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC
}

func jpegNeeded(marker byte, body []byte) bool {
	switch {
	case marker < jpegAPP0:
		return true
	case marker > 0xEF: // comments, and what has no meaning yet
		return false
	}
	for kind, head := range map[byte]string{0: "JFIF\x00", 2: "ICC_PROFILE\x00", 14: "Adobe"} {
		if marker == jpegAPP0+kind && bytes.HasPrefix(body, []byte(head)) {
			return true
		}
	}
	return false
}

const exifHead = "Exif\x00\x00"

// exifOrientation reads how the picture is to be turned, 1 to 8; 0 when that is not said. Without it a photograph would lie on its side.
func exifOrientation(marker byte, body []byte) byte {
	if marker != jpegAPP0+1 || !bytes.HasPrefix(body, []byte(exifHead)) {
		return 0
	}
	tiff := body[len(exifHead):]
	if len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.LittleEndian
	if tiff[0] == 'M' {
		order = binary.BigEndian
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 0
	}
	count := int(order.Uint16(tiff[at:]))
	for entry := tiff[at+2:]; count > 0 && len(entry) >= 12; count, entry = count-1, entry[12:] {
		// Tag 0x0112, one number of 16 bits.
		if order.Uint16(entry) == 0x0112 && order.Uint16(entry[2:]) == 3 && order.Uint16(entry[8:]) <= 8 {
			return byte(order.Uint16(entry[8:]))
		}
	}
	return 0
}

// orientationSegment is an EXIF segment that says the orientation and nothing else.
func orientationSegment(orientation byte) []byte {
	body := exifHead + "MM\x00*\x00\x00\x00\x08" + "\x00\x01" + "\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string([]byte{orientation, 0, 0}) + "\x00\x00\x00\x00"
	return append([]byte{0xFF, jpegAPP0 + 1, 0, byte(len(body) + 2)}, body...)
}
