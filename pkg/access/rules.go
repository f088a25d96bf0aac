package access

import (
	"errors"
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	accessv1 "github.com/classcode/maillage/proto/gen/maillage/access/v1"
)

// rule is the access option of one RPC.
type rule struct {
	public     bool
	services   []string    // of the house, in their own name; nil: persons call
	permission *permission // nil: signed in is enough
}

// permission is an action on a resource, with the way to the resource's id in the request.
type permission struct {
	action, kind string
	field        string // as written in the option; empty for a singleton
	path         []protoreflect.FieldDescriptor
}

func readRule(m protoreflect.MethodDescriptor) (rule, error) {
	if m.IsStreamingClient() || m.IsStreamingServer() {
		return rule{}, errors.New("the guard reads one request: streaming is not covered")
	}
	options := m.Options()
	if !proto.HasExtension(options, accessv1.E_Access) {
		return rule{}, errors.New("no access option")
	}
	switch option := proto.GetExtension(options, accessv1.E_Access).(*accessv1.Access); r := option.GetRule().(type) {
	case *accessv1.Access_Public:
		return rule{public: true}, mustBeTrue(r.Public)
	case *accessv1.Access_SignedIn:
		return rule{}, mustBeTrue(r.SignedIn)
	case *accessv1.Access_Scoped:
		return rule{}, mustBeTrue(r.Scoped)
	case *accessv1.Access_Services:
		if len(r.Services.GetNames()) == 0 {
			return rule{}, errors.New("the access option names no service")
		}
		return rule{services: r.Services.GetNames()}, nil
	case *accessv1.Access_Permission:
		p, err := readPermission(r.Permission, m.Input())
		return rule{permission: p}, err
	}
	return rule{}, errors.New("the access option is empty")
}

func mustBeTrue(value bool) error {
	if !value {
		return errors.New("the access option says false; name the rule that applies")
	}
	return nil
}

func readPermission(p *accessv1.Permission, input protoreflect.MessageDescriptor) (*permission, error) {
	if p.GetAction() == "" || p.GetResourceType() == "" {
		return nil, errors.New("a permission needs an action and a resource_type")
	}
	read := &permission{action: p.GetAction(), kind: p.GetResourceType(), field: p.GetResourceField()}
	if read.field == "" {
		return read, nil
	}
	message := input
	for name := range strings.SplitSeq(read.field, ".") {
		if message == nil {
			return nil, fmt.Errorf("resource_field %q: %q is inside a field that is no message", read.field, name)
		}
		field := message.Fields().ByName(protoreflect.Name(name))
		if field == nil {
			return nil, fmt.Errorf("resource_field %q: %s has no field %q", read.field, message.FullName(), name)
		}
		if field.Cardinality() == protoreflect.Repeated {
			return nil, fmt.Errorf("resource_field %q: %q is repeated", read.field, name)
		}
		read.path = append(read.path, field)
		message = field.Message()
	}
	if last := read.path[len(read.path)-1]; last.Kind() != protoreflect.StringKind {
		return nil, fmt.Errorf("resource_field %q: must be a string, not a %s", read.field, last.Kind())
	}
	return read, nil
}

// id reads the resource's id in a request.
func (p *permission) id(req proto.Message) string {
	message := req.ProtoReflect()
	for _, field := range p.path[:len(p.path)-1] {
		message = message.Get(field).Message()
	}
	return message.Get(p.path[len(p.path)-1]).String()
}

// methodName is the name under which gRPC announces an RPC to interceptors.
func methodName(m protoreflect.MethodDescriptor) string {
	return fmt.Sprintf("/%s/%s", m.Parent().FullName(), m.Name())
}
