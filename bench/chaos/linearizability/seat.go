package main

import (
	"fmt"
	"sort"
	"strings"
)

// What a read may see of a lock whose time is over: its owner's last step can have been decided just before that, and
// be committed just after it. Also what two clocks of one machine may differ by.
const clockMarginMs = 250

// operation is one step of one client on one seat, as bench/chaos/seat-operations.ts writes it. Times are milliseconds
// since 1970.
type operation struct {
	Seat   int     `json:"seat"`
	Client int     `json:"client"`
	Call   float64 `json:"call"`
	// Null: no answer ever came, so that it may take effect at any later time, or never.
	Return *float64 `json:"return"`
	// lock, extend, release, pay, confirm, cancel, settle, look, lapse or final.
	Kind string `json:"kind"`
	// done, unknown, unavailable, free, expired, limit, or the seat's letter for look and final.
	Result  string `json:"result"`
	User    string `json:"user"`
	Lock    string `json:"lock"`
	Booking string `json:"booking"`
	Request string `json:"request"`
	// Of a lock: which operation made it, where its answer never came.
	Origin  string  `json:"origin"`
	Expires float64 `json:"expires"`
}

const (
	free   = 'A'
	locked = 'L'
	booked = 'B'
	// The id of a lock or booking whose answer never came, until some other answer tells it.
	untold = "?"
)

// seat is what one seat is at one moment, and what it remembers of before.
type seat struct {
	phase   rune
	user    string
	lock    string
	origin  string
	expires float64 // 0: an extension whose answer never came may have moved it
	booking string
	// Locks and bookings that have been, and what each request came to.
	locks    string
	ended    string
	requests string
	// After the last answer: what has not been done by now was never done.
	over bool
}

func has(set, item string) bool { return strings.Contains(set, "|"+item+"|") }

func add(set, item string) string {
	if has(set, item) {
		return set
	}
	items := append(strings.FieldsFunc(set, func(r rune) bool { return r == '|' }), item)
	// In order, so that two ways to the same state are one state.
	sort.Strings(items)
	return "|" + strings.Join(items, "|") + "|"
}

func resultOf(requests, request string) (string, bool) {
	_, rest, found := strings.Cut(requests, "|"+request+"=")
	if !found {
		return "", false
	}
	result, _, _ := strings.Cut(rest, "|")
	return result, true
}

func (s seat) isHeld(lock string) bool { return s.phase == locked && s.lock == lock }

func (s seat) freed() seat {
	s.phase, s.user, s.lock, s.origin, s.expires, s.booking = free, "", "", "", 0, ""
	return s
}

func (s seat) bookedAs(op operation, booking string) seat {
	s.phase, s.booking = booked, booking
	s.requests = add(s.requests, op.Request+"="+booking)
	return s
}

// step says whether the seat may answer so, and what it is afterwards.
//
// What had no answer, and what comes by itself, either does something or waits until all is over: one that does nothing
// may as well do so then, and need not be tried at every other time.
func step(s seat, op operation) (bool, seat) {
	if op.Kind == "end" {
		s.over = true
		return true, s
	}
	if op.Return == nil && s.over {
		return true, s
	}
	possible, next := effect(s, op)
	if op.Return == nil && next == s {
		return false, s
	}
	return possible, next
}

func effect(s seat, op operation) (bool, seat) {
	unknown := op.Result == "unknown"
	switch op.Kind {
	case "lock":
		return lockStep(s, op)
	case "extend":
		switch {
		case op.Result == "expired":
			return !s.isHeld(op.Lock), s
		case op.Result == "limit":
			return s.isHeld(op.Lock), s
		case s.isHeld(op.Lock):
			s.expires = op.Expires // 0 where it is unknown
			return true, s
		}
		return unknown, s
	case "release":
		if s.isHeld(op.Lock) {
			return true, s.freed()
		}
		return unknown || !(s.phase == booked && s.lock == op.Lock), s
	case "pay":
		_, replayed := resultOf(s.requests, op.Request)
		switch {
		case op.Result == "expired":
			return !replayed && !s.isHeld(op.Lock), s
		case replayed:
			return true, s
		case s.isHeld(op.Lock):
			s.requests = add(s.requests, op.Request+"=paid")
			return true, s
		}
		return unknown, s
	case "confirm":
		return confirmStep(s, op)
	case "cancel":
		if s.phase == booked && s.booking == op.Booking {
			s.ended = add(s.ended, op.Booking)
			return true, s.freed()
		}
		return unknown || has(s.ended, op.Booking), s
	case "settle":
		return unknown || has(s.ended, op.Booking) || s.phase == booked && s.booking == op.Booking, s
	case "lapse":
		known := op.Lock != "" && s.isHeld(op.Lock) && s.expires <= op.Expires
		if known || op.Origin != "" && s.isHeld(untold) && s.origin == op.Origin {
			return true, s.freed()
		}
		return true, s
	case "look", "final":
		return lookStep(s, op)
	}
	panic("no such kind of operation: " + op.Kind)
}

func lockStep(s seat, op operation) (bool, seat) {
	others := s.phase == booked || s.phase == locked && s.user != op.User
	switch op.Result {
	case "unavailable":
		return others, s
	case "free":
		return !others, s
	case "unknown":
		if s.phase == free {
			s.phase, s.user, s.lock, s.origin, s.expires = locked, op.User, untold, op.Origin, 0
		}
		return true, s
	}
	switch {
	case others:
		return false, s
	case s.isHeld(op.Lock):
		return true, s
	case has(s.locks, op.Lock) || s.phase == locked && s.lock != untold:
		// A lock that has ended, or another one than the one that the same user has.
		return false, s
	}
	s.phase, s.user, s.lock, s.expires = locked, op.User, op.Lock, op.Expires
	s.locks = add(s.locks, op.Lock)
	return true, s
}

func confirmStep(s seat, op operation) (bool, seat) {
	result, replayed := resultOf(s.requests, op.Request)
	switch op.Result {
	case "expired":
		return !replayed && !s.isHeld(op.Lock), s
	case "unknown":
		if !replayed && s.isHeld(op.Lock) {
			return true, s.bookedAs(op, untold)
		}
		return true, s
	}
	switch {
	case replayed && result == untold:
		s.requests = strings.Replace(s.requests, op.Request+"="+untold, op.Request+"="+op.Booking, 1)
		if s.phase == booked && s.booking == untold {
			s.booking = op.Booking
		}
		return true, s
	case replayed:
		return result == op.Booking, s
	case s.isHeld(op.Lock):
		return true, s.bookedAs(op, op.Booking)
	}
	return false, s
}

func lookStep(s seat, op operation) (bool, seat) {
	switch []rune(op.Result)[0] {
	case booked:
		return s.phase == booked && (op.Booking == "" || s.booking == untold || s.booking == op.Booking), s
	case locked:
		return s.phase == locked && (op.Lock == "" || s.lock == untold || s.lock == op.Lock), s
	}
	// A lock whose time is over is free for whoever looks, whether or not anybody has ended it.
	lapsed := s.phase == locked && s.expires <= *op.Return+clockMarginMs
	return s.phase == free || lapsed, s
}

// describe names a step, with its times in milliseconds from an instant on.
func describe(op operation, from float64) string {
	until := "no answer"
	if op.Return != nil {
		until = fmt.Sprintf("%.0f", *op.Return-from)
	}
	text := fmt.Sprintf("%.0f–%s %s %s", op.Call-from, until, op.Kind, op.Result)
	for _, id := range []string{op.User, op.Lock, op.Booking} {
		if id != "" {
			text += " " + id
		}
	}
	return text
}
