package access

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/classcode/maillage/pkg/errs"
)

// What is public does not wait longer than this to learn who reads it: with mesh slow or away, the reader is a stranger.
const publicPatience = time.Second

// GuardConfig is what a service knows about who may call it.
type GuardConfig struct {
	Services    []protoreflect.ServiceDescriptor
	Policies    fs.FS               // every .cedar file in it
	Resolvers   map[string]Resolver // by resource type; Territory and singletons need none
	Directory   Directory
	Territories Territories
}

// Guard decides, for each call, whether the RPC's access option lets the caller through.
type Guard struct {
	rules       map[string]rule
	services    map[string]bool
	policies    *policies
	resolvers   map[string]Resolver
	directory   Directory
	territories Territories
}

// New reads the access options and the policies; it fails, with everything that is wrong at once, when an RPC has no
// option, a resource_field does not exist, a resolver is missing or no policy names an action.
func New(cfg GuardConfig) (*Guard, error) {
	p, err := parsePolicies(cfg.Policies)
	if err != nil {
		return nil, fmt.Errorf("access policies: %w", err)
	}
	g := &Guard{
		rules: make(map[string]rule), services: make(map[string]bool), policies: p,
		resolvers: cfg.Resolvers, directory: cfg.Directory, territories: cfg.Territories,
	}
	if cfg.Directory == nil {
		return nil, errors.New("access guard: no directory")
	}
	var failures []error
	for _, s := range cfg.Services {
		g.services[string(s.FullName())] = true
		for i := range s.Methods().Len() {
			if err := g.add(s.Methods().Get(i)); err != nil {
				failures = append(failures, fmt.Errorf("%s: %w", s.Methods().Get(i).FullName(), err))
			}
		}
	}
	if len(failures) > 0 {
		return nil, fmt.Errorf("access guard:\n%w", errors.Join(failures...))
	}
	return g, nil
}

// Covers reports whether the guard was built for this service.
func (g *Guard) Covers(service string) bool { return g.services[service] }

func (g *Guard) add(m protoreflect.MethodDescriptor) error {
	r, err := readRule(m)
	if err != nil {
		return err
	}
	g.rules[methodName(m)] = r
	if r.permission == nil {
		return nil
	}
	return errors.Join(g.resolvable(r.permission), g.permitted(r.permission))
}

func (g *Guard) resolvable(p *permission) error {
	switch {
	case p.field == "" && p.kind == territoryType:
		return errors.New("a Territory needs a resource_field")
	case p.field == "":
		return nil
	case g.territories == nil:
		return errors.New("no Territories to look its resource's ancestors up")
	case p.kind != territoryType && g.resolvers[p.kind] == nil:
		return fmt.Errorf("no resolver for resource type %q", p.kind)
	}
	return nil
}

// permitted tries the policies on made-up callers, so that a comparison of the wrong types shows at start.
func (g *Guard) permitted(p *permission) error {
	if g.policies.needs[p.action] == nil {
		return fmt.Errorf("no policy names the action %q", p.action)
	}
	const id = "-"
	everything := Principal{PersonID: id, Roles: []Role{
		{Kind: National}, {Kind: Coordinator, Territory: id}, {Kind: Relay, Structure: id}, {Kind: Organiser, Structure: id},
	}}
	resource := thing(Resource{Type: p.kind, ID: id, Structure: id, Owners: []string{id}}, []string{id})
	for _, caller := range []Principal{{PersonID: id}, everything} {
		if _, err := g.policies.permit(p.action, person(caller), resource); err != nil {
			return err
		}
	}
	return nil
}

// Check lets a call through, with the Principal in the context it returns, or says why not. The identity that the token
// proved is expected in ctx.
func (g *Guard) Check(ctx context.Context, method string, req proto.Message) (context.Context, error) {
	r, ok := g.rules[method]
	if !ok {
		return ctx, errs.ErrInternal.Because(fmt.Errorf("%s has no access rule", method))
	}
	identity, signedIn := IdentityFrom(ctx)
	switch {
	case r.services != nil:
		return ctx, r.admits(ctx, signedIn)
	case !signedIn && !r.public:
		return ctx, ErrTokenMissing
	case !signedIn:
		return ctx, nil
	case r.public:
		return g.recognise(ctx, identity)
	}
	caller, err := g.principal(ctx, identity)
	if err != nil {
		return ctx, err
	}
	if r.permission != nil {
		if err := g.ask(ctx, r.permission, caller, req); err != nil {
			return ctx, err
		}
	}
	return WithPrincipal(ctx, caller), nil
}

// admits tells whether one of the services that may call does.
func (r rule) admits(ctx context.Context, signedIn bool) error {
	switch service := ServiceFrom(ctx); {
	case slices.Contains(r.services, service):
		return nil
	case service == "" && !signedIn:
		return ErrTokenMissing
	}
	return ErrNotPermitted
}

func (g *Guard) principal(ctx context.Context, id Identity) (Principal, error) {
	known, err := g.directory.Resolve(ctx, id)
	if err != nil {
		return Principal{}, fmt.Errorf("resolve the caller: %w", err)
	}
	if known.ID == "" {
		return Principal{}, errs.ErrInternal.Because(errors.New("the directory gave a person without id"))
	}
	return Principal{
		Issuer: id.Issuer, Subject: id.Subject, Persona: id.Persona, PersonID: known.ID, Roles: known.Roles,
	}, nil
}

func (g *Guard) recognise(ctx context.Context, id Identity) (context.Context, error) {
	patient, cancel := context.WithTimeout(ctx, publicPatience)
	defer cancel()
	caller, err := g.principal(patient, id)
	if err == nil {
		return WithPrincipal(ctx, caller), nil
	}
	switch errs.From(err).Kind {
	case errs.Unavailable, errs.DeadlineExceeded:
		return ctx, ctx.Err()
	}
	return ctx, err
}

func (g *Guard) ask(ctx context.Context, p *permission, caller Principal, req proto.Message) error {
	resource, territories, err := g.resource(ctx, p, req)
	if err != nil {
		return err
	}
	ok, err := g.policies.permit(p.action, person(caller), thing(resource, territories))
	switch {
	case err != nil:
		return errs.ErrInternal.Because(err)
	case ok:
		return nil
	case resource.Private:
		return hidden(p, nil)
	}
	return g.policies.needs[p.action].refusal(p.action)
}
