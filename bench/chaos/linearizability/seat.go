package main

import (
	"fmt"
	"sort"
	"strings"
)

// How long a read may still see an expired lock: its owner's last operation can be decided just before the expiry and
// committed just after it. Two clocks of one machine may also differ by this.
const clockMarginMs = 250

// operation is one operation of one client on one seat, as bench/chaos/seat-operations.ts writes it. Times are
// milliseconds since 1970.
type operation struct {
	Seat   int     `json:"seat"`
	Client int     `json:"client"`
	Call   float64 `json:"call"`
	// Null without an answer: it may take effect at any later time, or never.
	Return *float64 `json:"return"`
	// lock, extend, release, pay, confirm, cancel, settle, holdBack, invite, putBack, read, expiry or final.
	Kind string `json:"kind"`
	// done, unknown, unavailable, free, expired, limit, or the seat's letter for read and final.
	Result  string `json:"result"`
	User    string `json:"user"`
	Lock    string `json:"lock"`
	Booking string `json:"booking"`
	Request string `json:"request"`
	// For a lock without an answer: the operation that made it.
	Origin  string  `json:"origin"`
	Expires float64 `json:"expires"`
}

const (
	free    = 'A'
	locked  = 'L'
	booked  = 'B'
	offSale = 'X'
	// The id of a lock or booking without an answer, until another answer has it.
	unknownId = "?"
)

// seat is the state of one seat, with its past locks, bookings and requests.
type seat struct {
	phase   rune
	user    string
	lock    string
	origin  string
	expires float64 // 0 if an unanswered extension may have changed it
	booking string
	// Past locks and bookings, and the result of each request.
	locks    string
	ended    string
	requests string
	// After the last answer, unanswered operations no longer take effect.
	isOver bool
}

func has(set, item string) bool { return strings.Contains(set, "|"+item+"|") }

func add(set, item string) string {
	if has(set, item) {
		return set
	}
	items := append(strings.FieldsFunc(set, func(r rune) bool { return r == '|' }), item)
	// Sorted, so that equal states are equal texts.
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

// A check-out names the seat and not the lock: the user's own.
func (s seat) isHeldBy(op operation) bool {
	if op.Lock == "" {
		return s.phase == locked && s.user == op.User
	}
	return s.isHeld(op.Lock)
}

func (s seat) freed() seat {
	s.phase, s.user, s.lock, s.origin, s.expires, s.booking = free, "", "", "", 0, ""
	return s
}

func (s seat) bookedAs(op operation, booking string) seat {
	s.phase, s.booking = booked, booking
	s.requests = add(s.requests, op.Request+"="+booking)
	return s
}

// step reports whether the seat can give this answer, and its next state.
//
// An unanswered operation or an expiry either has an effect or waits until the end. Without an effect, its time does not
// matter, so only the end needs to be tried.
func step(s seat, op operation) (bool, seat) {
	if op.Kind == "end" {
		s.isOver = true
		return true, s
	}
	if op.Return == nil && s.isOver {
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
			s.expires = op.Expires // 0 if it is unknown
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
			return !replayed && !s.isHeldBy(op), s
		case replayed:
			return true, s
		case s.isHeldBy(op):
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
	case "holdBack", "invite":
		return organizerStep(s, op)
	case "putBack":
		if s.phase == offSale {
			return true, s.freed()
		}
		return true, s
	case "expiry":
		known := op.Lock != "" && s.isHeld(op.Lock) && s.expires <= op.Expires
		if known || op.Origin != "" && s.isHeld(unknownId) && s.origin == op.Origin {
			return true, s.freed()
		}
		return true, s
	case "read", "final":
		return readStep(s, op)
	}
	panic("no such kind of operation: " + op.Kind)
}

func lockStep(s seat, op operation) (bool, seat) {
	others := s.phase == booked || s.phase == offSale || s.phase == locked && s.user != op.User
	switch op.Result {
	case "unavailable":
		return others, s
	case "free":
		return !others, s
	case "unknown":
		if s.phase == free {
			s.phase, s.user, s.lock, s.origin, s.expires = locked, op.User, unknownId, op.Origin, 0
		}
		return true, s
	}
	switch {
	case others:
		return false, s
	case s.isHeld(op.Lock):
		return true, s
	case has(s.locks, op.Lock) || s.phase == locked && s.lock != unknownId:
		// The lock has ended, or the user has another one.
		return false, s
	}
	s.phase, s.user, s.lock, s.expires = locked, op.User, op.Lock, op.Expires
	s.locks = add(s.locks, op.Lock)
	return true, s
}

// The organizer takes a seat off sale, or books it, unless a buyer has it.
func organizerStep(s seat, op operation) (bool, seat) {
	taken := s.phase == booked || s.phase == locked
	switch {
	case op.Result == "unavailable":
		return taken, s
	case op.Result == "free":
		return !taken, s
	case taken:
		return op.Result == "unknown", s
	case op.Kind == "invite" && op.Booking == "":
		return true, s.freed().bookedAs(op, unknownId)
	case op.Kind == "invite":
		return true, s.freed().bookedAs(op, op.Booking)
	}
	s.phase = offSale
	return true, s
}

func confirmStep(s seat, op operation) (bool, seat) {
	result, replayed := resultOf(s.requests, op.Request)
	switch op.Result {
	case "expired":
		return !replayed && !s.isHeldBy(op), s
	case "unknown":
		if !replayed && s.isHeldBy(op) {
			return true, s.bookedAs(op, unknownId)
		}
		return true, s
	}
	switch {
	case replayed && result == unknownId:
		s.requests = strings.Replace(s.requests, op.Request+"="+unknownId, op.Request+"="+op.Booking, 1)
		if s.phase == booked && s.booking == unknownId {
			s.booking = op.Booking
		}
		return true, s
	case replayed:
		return result == op.Booking, s
	case s.isHeldBy(op):
		return true, s.bookedAs(op, op.Booking)
	}
	return false, s
}

func readStep(s seat, op operation) (bool, seat) {
	switch []rune(op.Result)[0] {
	case booked:
		return s.phase == booked && (op.Booking == "" || s.booking == unknownId || s.booking == op.Booking), s
	case locked:
		return s.phase == locked && (op.Lock == "" || s.lock == unknownId || s.lock == op.Lock), s
	case offSale:
		return s.phase == offSale, s
	}
	// For a read, an expired lock is free, whether its end is recorded or not.
	expired := s.phase == locked && s.expires <= *op.Return+clockMarginMs
	return s.phase == free || expired, s
}

// describe names an operation, with its times in milliseconds after `from`.
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
