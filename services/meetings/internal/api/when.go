package api

import (
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/errs"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// clock is in which zone local times are read, and which one is meant when there are two.
type clock struct {
	zone   string
	path   string // of the field that gives the zone
	choice meetingsv1.LocalTimeChoice
}

// read takes an instant, or the local time in its place; prefix and field are its path, that of a local time is "local_" and field.
func (c clock) read(at *timestamppb.Timestamp, local, prefix, field string) (time.Time, error) {
	switch {
	case local == "":
		return instant(at, prefix+field)
	case at != nil:
		return time.Time{}, domain.ErrTimeGivenTwice.At(prefix + "local_" + field)
	}
	if err := domain.CheckZone(c.zone, c.path); err != nil {
		return time.Time{}, err
	}
	return domain.Instant(local, c.zone, domain.LocalChoice(c.choice), prefix+"local_"+field)
}

// masked is what an update changes of a meeting's hours; nil when the mask names neither the instant nor the local time.
func (c clock) masked(paths []string, at *timestamppb.Timestamp, local, field string) (*time.Time, error) {
	instant, shown := slices.Contains(paths, field), slices.Contains(paths, "local_"+field)
	if !instant && !shown {
		return nil, nil
	}
	if !instant {
		at = nil
	}
	if !shown {
		local = ""
	}
	t, err := c.read(at, local, "meeting.", field)
	return &t, err
}

// dated is a message that says when something begins and ends.
type dated interface {
	GetStartTime() *timestamppb.Timestamp
	GetEndTime() *timestamppb.Timestamp
	GetLocalStartTime() string
	GetLocalEndTime() string
}

func (c clock) slot(in dated, prefix string) (s domain.Slot, err error) {
	if s.Start, err = c.read(in.GetStartTime(), in.GetLocalStartTime(), prefix, "start_time"); err != nil {
		return s, err
	}
	s.End, err = c.read(in.GetEndTime(), in.GetLocalEndTime(), prefix, "end_time")
	return s, err
}

// instant reads a time as it will be stored, so that what is answered now and later is the same.
func instant(t *timestamppb.Timestamp, path string) (time.Time, error) {
	if t == nil {
		return time.Time{}, errs.ErrRequired.At(path)
	}
	if err := t.CheckValid(); err != nil {
		return time.Time{}, domain.ErrTime.At(path).Because(err)
	}
	return t.AsTime().Truncate(time.Microsecond), nil
}
