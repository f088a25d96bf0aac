package directory

import (
	"container/list"
	"sync"
	"time"
)

// cache keeps the size most recently used values, each for at most ttl (for good when 0).
type cache[K comparable, V any] struct {
	size int
	ttl  time.Duration

	mu      sync.Mutex
	entries map[K]*list.Element
	recent  *list.List // front: used last
	epoch   uint64     // counts drops: what was asked before a drop is not kept after it
}

type entry[K comparable, V any] struct {
	key   K
	value V
	until time.Time
}

func newCache[K comparable, V any](size int, ttl time.Duration) *cache[K, V] {
	return &cache[K, V]{size: size, ttl: ttl, entries: make(map[K]*list.Element), recent: list.New()}
}

// get also returns the epoch, for put.
func (c *cache[K, V]) get(key K) (value V, epoch uint64, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	element, ok := c.entries[key]
	if !ok {
		return value, c.epoch, false
	}
	e := element.Value.(entry[K, V])
	if c.ttl > 0 && !time.Now().Before(e.until) {
		c.remove(element)
		return value, c.epoch, false
	}
	c.recent.MoveToFront(element)
	return e.value, c.epoch, true
}

func (c *cache[K, V]) put(key K, value V, epoch uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if epoch != c.epoch {
		return
	}
	if old, ok := c.entries[key]; ok {
		c.remove(old)
	}
	c.entries[key] = c.recent.PushFront(entry[K, V]{key, value, time.Now().Add(c.ttl)})
	if c.recent.Len() > c.size {
		c.remove(c.recent.Back())
	}
}

// drop forgets the values that match; it looks at all, which at 10 000 entries takes less than a call to mesh.
func (c *cache[K, V]) drop(match func(V) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	for element := c.recent.Front(); element != nil; {
		next := element.Next()
		if match(element.Value.(entry[K, V]).value) {
			c.remove(element)
		}
		element = next
	}
}

func (c *cache[K, V]) remove(element *list.Element) {
	c.recent.Remove(element)
	delete(c.entries, element.Value.(entry[K, V]).key)
}
