package calendar

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"rightsdesk/ticket"
)

func TestPausesMoveTheDeadlineByTheTimeTheClockStood(t *testing.T) {
	c := CN()
	type pauses [][2]string
	for _, tt := range []struct {
		name   string
		from   string
		term   ticket.Term
		pauses pauses
		want   string
	}{
		{"within one day it costs nothing", "2026-03-02 10:00", fifteen, pauses{{"2026-03-04 09:00", "2026-03-04 18:00"}}, "2026-03-23 23:59:59"},
		{"over one midnight it costs the day it ended on", "2026-03-02 10:00", fifteen, pauses{{"2026-03-04 23:00", "2026-03-05 01:00"}}, "2026-03-24 23:59:59"},
		{"over a weekend only working days matter", "2026-03-02 10:00", fifteen, pauses{{"2026-03-06 12:00", "2026-03-08 12:00"}}, "2026-03-23 23:59:59"},
		{"a make-up Saturday that was paused is lost", "2026-02-09 10:00", term(5, ticket.WorkingDay), pauses{{"2026-02-13 12:00", "2026-02-14 12:00"}}, "2026-02-24 23:59:59"},
		{"overlapping pauses count once", "2026-03-02 10:00", fifteen, pauses{{"2026-03-05 10:00", "2026-03-10 10:00"}, {"2026-03-03 10:00", "2026-03-06 10:00"}}, "2026-03-30 23:59:59"},
		{"adjoining in one day they count once", "2026-03-02 10:00", fifteen, pauses{{"2026-03-03 10:00", "2026-03-05 10:00"}, {"2026-03-05 16:00", "2026-03-06 10:00"}}, "2026-03-26 23:59:59"},
		{"one on the due day itself changes nothing", "2026-03-02 10:00", fifteen, pauses{{"2026-03-23 09:00", "2026-03-30 09:00"}}, "2026-03-23 23:59:59"},
		{"one after the due day changes nothing", "2026-03-02 10:00", fifteen, pauses{{"2026-04-01 09:00", "2026-05-30 09:00"}}, "2026-03-23 23:59:59"},
		{"one before receipt changes nothing", "2026-03-02 10:00", fifteen, pauses{{"2026-02-01 09:00", "2026-03-02 09:00"}}, "2026-03-23 23:59:59"},
		{"one from before receipt counts from then on", "2026-03-02 10:00", fifteen, pauses{{"2026-02-01 09:00", "2026-03-03 09:00"}}, "2026-03-24 23:59:59"},
		{"a pause reached only through another counts", "2026-03-02 10:00", term(2, ticket.WorkingDay), pauses{{"2026-03-02 12:00", "2026-03-05 12:00"}, {"2026-03-06 12:00", "2026-03-09 12:00"}}, "2026-03-10 23:59:59"},
		{"a month ends so many days later", "2026-03-15 10:00", term(1, ticket.Month), pauses{{"2026-03-20 10:00", "2026-03-30 10:00"}}, "2026-04-25 23:59:59"},
		{"calendar days are left out too", "2026-03-15 10:00", term(10, ticket.CalendarDay), pauses{{"2026-03-20 10:00", "2026-03-22 10:00"}}, "2026-03-27 23:59:59"},
		{"hours grow by exactly the pause", "2026-03-02 10:00", term(24, ticket.Hour), pauses{{"2026-03-02 12:00", "2026-03-02 12:45"}}, "2026-03-03 10:45:00"},
		{"hours paused after they ran out don't grow", "2026-03-02 10:00", term(24, ticket.Hour), pauses{{"2026-03-03 10:00", "2026-03-03 12:45"}}, "2026-03-03 10:00:00"},
		{"hours reach the next pause through the first", "2026-03-02 10:00", term(2, ticket.Hour), pauses{{"2026-03-02 12:30", "2026-03-02 13:00"}, {"2026-03-02 11:00", "2026-03-02 12:00"}}, "2026-03-02 13:30:00"},
		{"hours count overlapping pauses once", "2026-03-02 10:00", term(2, ticket.Hour), pauses{{"2026-03-02 09:00", "2026-03-02 11:00"}, {"2026-03-02 10:30", "2026-03-02 11:30"}}, "2026-03-02 13:30:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := Count{From: at(t, c, tt.from), Term: tt.term}
			for _, p := range tt.pauses {
				q.Pauses = append(q.Pauses, Pause{From: at(t, c, p[0]), To: at(t, c, p[1])})
			}
			assert.Equal(t, tt.want, due(t, c, q))
		})
	}
}

func TestARolledDeadlineIsNeverOnAPausedDay(t *testing.T) {
	c := named(t, "eu")
	q := Count{From: at(t, c, "2026-03-07 10:00"), Term: term(7, ticket.CalendarDay), Roll: true} // Saturday 14 March
	q.Pauses = []Pause{{From: at(t, c, "2026-03-14 12:00"), To: at(t, c, "2026-03-17 12:00")}}
	assert.Equal(t, "2026-03-18 23:59:59", due(t, c, q))
}

func TestAskingLeavesTheQuestionAlone(t *testing.T) {
	c := CN()
	late := Pause{From: at(t, c, "2026-03-10 10:00"), To: at(t, c, "2026-03-11 10:00")}
	early := Pause{From: at(t, c, "2026-03-03 10:00"), To: at(t, c, "2026-03-10 12:00")}
	q := Count{From: at(t, c, "2026-03-02 10:00"), Term: fifteen, Pauses: []Pause{late, early}}
	first := deadline(t, c, q)
	assert.Equal(t, []Pause{late, early}, q.Pauses)
	assert.Equal(t, first, deadline(t, c, q))
}

func TestPausedDaysSaySo(t *testing.T) {
	c := CN()
	q := Count{From: at(t, c, "2026-03-02 10:00"), Term: fifteen,
		Pauses: []Pause{{From: at(t, c, "2026-03-03 10:00"), To: at(t, c, "2026-03-04 10:00")}}}
	d := deadline(t, c, q)
	assert.True(t, d.Days[1].Counted && !d.Days[1].Paused, "the day a pause begins counts")
	assert.True(t, !d.Days[2].Counted && d.Days[2].Paused, "the day it ends does not")
	assert.Equal(t, 2, d.Days[3].N)
	assert.Equal(t, time.March, d.Days[3].Date.Month)
}
