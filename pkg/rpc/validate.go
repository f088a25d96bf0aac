package rpc

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"buf.build/go/protovalidate"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/classcode/maillage/pkg/errs"
)

// validation checks requests against the rules written in the contract.
type validation struct {
	validator protovalidate.Validator
}

func newValidation() (*validation, error) {
	v, err := protovalidate.New()
	if err != nil {
		return nil, fmt.Errorf("validator: %w", err)
	}
	return &validation{validator: v}, nil
}

// compile reads the rules of a service's requests, so that a rule that makes no sense stops the start and not a call.
func (v *validation) compile(service string) error {
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service))
	if err != nil {
		return fmt.Errorf("rpc server: %s: %w", service, err)
	}
	s, ok := d.(protoreflect.ServiceDescriptor)
	if !ok {
		return fmt.Errorf("rpc server: %s is not a service", service)
	}
	var failures []error
	for i := range s.Methods().Len() {
		input := s.Methods().Get(i).Input()
		if bad, ok := errors.AsType[*protovalidate.CompilationError](v.validator.Validate(dynamicpb.NewMessage(input))); ok {
			failures = append(failures, fmt.Errorf("rpc server: %s: %w", input.FullName(), bad))
		}
	}
	return errors.Join(failures...)
}

func (v *validation) check(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	message, ok := req.(proto.Message)
	if !ok {
		return nil, errs.ErrInternal.Because(fmt.Errorf("a request of type %T", req))
	}
	err := v.validator.Validate(message)
	if err == nil {
		if err := refuseText(message.ProtoReflect(), ""); err != nil {
			return nil, err
		}
		return handler(ctx, req)
	}
	invalid, ok := errors.AsType[*protovalidate.ValidationError](err)
	if !ok {
		return nil, errs.ErrInternal.Because(fmt.Errorf("validate: %w", err))
	}
	return nil, violations(invalid)
}

func violations(invalid *protovalidate.ValidationError) *errs.Error {
	e := *errs.ErrInvalid
	for _, v := range invalid.Violations[:min(len(invalid.Violations), maxFields)] {
		en, fr := sayRule(v)
		e.Fields = append(e.Fields, errs.Field{
			Path: protovalidate.FieldPathString(v.Proto.GetField()), EN: en, FR: fr, Reason: reasonOf(v.Proto.GetRuleId()),
		})
	}
	return &e
}

// reasonOf makes "string.min_len" STRING_MIN_LEN.
func reasonOf(rule string) string {
	if rule == "required" {
		return errs.ErrRequired.Reason
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, rule)
}
