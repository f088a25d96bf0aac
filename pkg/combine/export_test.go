package combine

// Waiting is how many commands wait in the lane of a name.
func Waiting[Q, A any](w *Writer[Q, A], name string) int {
	l := w.lanes[number(name, len(w.lanes))]
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count
}
