package policy

import (
	"encoding/binary"
	"reflect"
	"time"
)

// memo spares work where many texts are made with one set, most of which differ
// in little. Nothing is left out by it: what it remembers is told by all that it
// depends on. It is for one goroutine.
type memo struct {
	dates map[instant]string
	homes map[string]view   // what of a view depends on the registry alone
	reads map[string]*reads // by template
	said  map[string]string // by template, and the values of what it reads
	flaws map[judged][]string
	key   []byte
}

// instant is a time in a layout.
type instant struct {
	layout string
	at     int64
}

func newMemo() *memo {
	return &memo{
		dates: map[instant]string{}, homes: map[string]view{}, reads: map[string]*reads{},
		said: map[string]string{}, flaws: map[judged][]string{},
	}
}

// say is execute, once for all views that are the same to the template.
func (m *memo) say(set *textSet, name string, v *view) (string, error) {
	key, ok := m.keyOf(set, name, v)
	if !ok {
		return set.execute(name, v)
	}
	if text, ok := m.said[string(key)]; ok {
		return text, nil
	}
	kept := string(key)
	text, err := set.execute(name, v)
	if err == nil {
		m.said[kept] = text
	}
	return text, err
}

// readsOf is set.trees.reads, once for each template.
func (m *memo) readsOf(set *textSet, name string) *reads {
	found, ok := m.reads[name]
	if !ok {
		found = set.trees.reads(name)
		m.reads[name] = found
	}
	return found
}

// keyOf writes down what a template reads of a view. It reports whether it could.
func (m *memo) keyOf(set *textSet, name string, v *view) ([]byte, bool) {
	m.key = append(append(m.key[:0], name...), 0)
	of := reflect.ValueOf(v).Elem()
	for _, i := range m.readsOf(set, name).fields {
		key, known := appendValue(m.key, of.Field(i))
		if !known {
			return nil, false
		}
		m.key = key
	}
	return m.key, true
}

// appendValue writes a value so that no other one of its type is written alike.
// It reports whether it knows the type.
func appendValue(b []byte, v reflect.Value) ([]byte, bool) {
	known := true
	switch v.Kind() {
	case reflect.String:
		b = binary.AppendVarint(b, int64(v.Len()))
		b = append(b, v.String()...)
	case reflect.Bool:
		if v.Bool() {
			return append(b, 1), true
		}
		b = append(b, 0)
	case reflect.Int:
		b = binary.AppendVarint(b, v.Int())
	case reflect.Slice:
		b = binary.AppendVarint(b, int64(v.Len()))
		for i := 0; i < v.Len() && known; i++ {
			b, known = appendValue(b, v.Index(i))
		}
	case reflect.Struct:
		for i := 0; i < v.NumField() && known; i++ {
			b, known = appendValue(b, v.Field(i))
		}
	default:
		known = false
	}
	return b, known
}

// judged is a text that was made, and all that its rules depend on.
type judged struct {
	text             string
	name             TextName
	author, account  string
	state            State
	turn             Turn
	to               Role
	reopen, byOthers bool
	repeats, earlier int
}

func judgedOf(t Text, text string) judged {
	return judged{
		text: text, name: t.Name, author: t.Author, account: t.Account, state: t.State, turn: t.Turn, to: t.To,
		reopen: !t.Reopen.IsZero(), byOthers: t.ByOthers, repeats: t.Repeats, earlier: t.Earlier,
	}
}

// asked is a Text with nothing else in it.
func (h judged) asked() Text {
	t := Text{
		Name: h.name, Author: h.author, Account: h.account, State: h.state, Turn: h.turn, To: h.to,
		ByOthers: h.byOthers, Repeats: h.repeats, Earlier: h.earlier,
	}
	if h.reopen {
		t.Reopen = time.Unix(1, 0)
	}
	return t
}

// judge is r.flaws, once for each text and what is asked of it.
func (m *memo) judge(r *Rules, h judged, set *textSet) []string {
	found, ok := m.flaws[h]
	if !ok {
		found = r.flaws(h.asked(), h.text, set)
		m.flaws[h] = found
	}
	return found
}
