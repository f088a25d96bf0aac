package credential

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

const (
	rdfType   = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
	blankMark = "_:"
)

// quad is a statement; a subject or an object that is a blank node has its number instead.
type quad struct {
	subject, predicate, object string
}

// graph collects what a document states.
type graph struct {
	contexts []map[string]term
	quads    []quad
	blanks   int
}

// canonical gives a document of ours its one form (RDFC-1.0): what it states, as sorted N-Quads. The documents are few and known, so
// this reads no more of JSON-LD than they use, and refuses the rest: a name that no context explains, which JSON-LD would leave out of
// what is signed; an IRI with characters that would end it early; blank nodes that only their neighbours tell apart.
func canonical(document any) ([]byte, error) {
	text, err := json.Marshal(document)
	if err != nil {
		return nil, err
	}
	var root map[string]any
	if err := json.Unmarshal(text, &root); err != nil {
		return nil, err
	}
	g := &graph{quads: make([]quad, 0, 64)}
	if err := g.use(root["@context"]); err != nil {
		return nil, err
	}
	delete(root, "@context")
	if _, err := g.node(root); err != nil {
		return nil, err
	}
	labels, err := g.labels()
	if err != nil {
		return nil, err
	}
	return g.form(func(blank string) string { return labels[blank] }), nil
}

// use makes the terms of the contexts known.
func (g *graph) use(contexts any) error {
	urls, _ := contexts.([]any)
	for _, url := range urls {
		name, _ := url.(string)
		terms, known := termsAt(name)
		if !known {
			return fmt.Errorf("canonical form: %v is no context of ours", url)
		}
		g.contexts = append(g.contexts, terms)
	}
	return nil
}

// find looks a term up, first among those of the node's own type.
func (g *graph) find(name string, scoped map[string]term) (term, error) {
	if t, known := scoped[name]; known {
		return t, nil
	}
	for _, terms := range g.contexts {
		if t, known := terms[name]; known {
			return t, nil
		}
	}
	return term{}, fmt.Errorf("canonical form: %q is in no context", name)
}

// node states what an object says, and returns what the object is called in statements about it.
func (g *graph) node(object map[string]any) (string, error) {
	name, err := g.name(object["id"])
	if err != nil {
		return "", err
	}
	var scoped map[string]term
	for _, kind := range values(object["type"]) {
		t, err := g.kind(kind)
		if err != nil {
			return "", err
		}
		g.quads = append(g.quads, quad{name, "<" + rdfType + ">", "<" + t.iri + ">"})
		if t.scoped != nil {
			scoped = t.scoped
		}
	}
	for key, value := range object {
		if key == "id" || key == "type" {
			continue
		}
		t, err := g.find(key, scoped)
		if err != nil {
			return "", err
		}
		for _, each := range values(value) {
			said, err := g.object(t, each)
			if err != nil {
				return "", err
			}
			g.quads = append(g.quads, quad{name, "<" + t.iri + ">", said})
		}
	}
	return name, nil
}

func (g *graph) name(id any) (string, error) {
	if id != nil {
		return iri(id)
	}
	g.blanks++
	return fmt.Sprint(blankMark, g.blanks), nil
}

func (g *graph) kind(kind any) (term, error) {
	name, _ := kind.(string)
	return g.find(name, nil)
}

// object writes a value of a term.
func (g *graph) object(t term, value any) (string, error) {
	if node, is := value.(map[string]any); is {
		return g.node(node)
	}
	text, is := value.(string)
	switch {
	case !is:
		return "", fmt.Errorf("canonical form: %T is no value of ours", value)
	case t.kind == "@id":
		return iri(value)
	case t.kind == "@vocab":
		meant, err := g.find(text, nil)
		return "<" + meant.iri + ">", err
	case t.kind == "":
		return literal(text), nil
	}
	return literal(text) + "^^<" + t.kind + ">", nil
}

// form writes the statements, sorted, each once, with the names that blank nodes are given.
func (g *graph) form(label func(string) string) []byte {
	named := func(node string) string {
		if strings.HasPrefix(node, blankMark) {
			return label(node)
		}
		return node
	}
	lines, size := make([]string, len(g.quads)), 0
	for i, q := range g.quads {
		lines[i] = named(q.subject) + " " + q.predicate + " " + named(q.object) + " .\n"
		size += len(lines[i])
	}
	slices.Sort(lines)
	text := make([]byte, 0, size)
	for _, line := range slices.Compact(lines) {
		text = append(text, line...)
	}
	return text
}

// labels names the blank nodes in the order of what is said of each (RDFC-1.0, 4.6), which must differ.
func (g *graph) labels() (map[string]string, error) {
	blanks, said := make([]string, g.blanks), map[string][sha256.Size]byte{}
	for i := range blanks {
		blanks[i] = fmt.Sprint(blankMark, i+1)
		said[blanks[i]] = g.hash(blanks[i])
	}
	order := func(a, b string) int {
		one, other := said[a], said[b]
		return bytes.Compare(one[:], other[:])
	}
	slices.SortFunc(blanks, order)
	labels := make(map[string]string, len(blanks))
	for i, blank := range blanks {
		if i > 0 && order(blanks[i-1], blank) == 0 {
			return nil, errors.New("canonical form: two blank nodes say the same")
		}
		labels[blank] = fmt.Sprint("_:c14n", i)
	}
	return labels, nil
}

// hash is of what is said of a blank node, whatever it is called.
func (g *graph) hash(blank string) [sha256.Size]byte {
	var about graph
	for _, q := range g.quads {
		if q.subject == blank || q.object == blank {
			about.quads = append(about.quads, q)
		}
	}
	return sha256.Sum256(about.form(func(node string) string {
		if node == blank {
			return "_:a"
		}
		return "_:z"
	}))
}

// values of a property: none, one, or several in a list.
func values(value any) []any {
	switch value := value.(type) {
	case nil:
		return nil
	case []any:
		return value
	}
	return []any{value}
}

// iri writes a name. One that is not absolute, or that holds what may not stand in it, would say something else than it seems to.
func iri(value any) (string, error) {
	text, is := value.(string)
	scheme, _, absolute := strings.Cut(text, ":")
	if !is || !absolute || scheme == "" || scheme == "_" || strings.ContainsFunc(text, notInIRI) {
		return "", fmt.Errorf("canonical form: %q is no IRI", value)
	}
	return "<" + text + ">", nil
}

func notInIRI(r rune) bool {
	return r <= ' ' || r == 0x7f || strings.ContainsRune("<>\"{}|^`\\\ufffd", r)
}

// literal writes a text as canonical N-Quads do.
func literal(text string) string {
	if !strings.ContainsFunc(text, mustEscape) {
		return `"` + text + `"`
	}
	var out strings.Builder
	for _, r := range text {
		switch short, is := escapes[r]; {
		case is:
			out.WriteString(short)
		case mustEscape(r):
			fmt.Fprintf(&out, `\u%04X`, r)
		default:
			out.WriteRune(r)
		}
	}
	return `"` + out.String() + `"`
}

func mustEscape(r rune) bool { return r < ' ' || r == 0x7f || r == '"' || r == '\\' }

var escapes = map[rune]string{'\b': `\b`, '\t': `\t`, '\n': `\n`, '\f': `\f`, '\r': `\r`, '"': `\"`, '\\': `\\`}
