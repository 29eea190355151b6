package api

import (
	"time"

	"rightsdesk/store"
	"rightsdesk/ticket"
)

// v1File is a file of a ticket.
type v1File struct {
	ID   int64     `json:"id"`
	Name string    `json:"name"`
	Type string    `json:"type"`
	Size int64     `json:"size" doc:"Bytes"`
	At   time.Time `json:"at"`
}

// v1Message is a message of the correspondence.
type v1Message struct {
	ID      int64             `json:"id"`
	Kind    store.MessageKind `json:"kind"`
	Agent   ticket.AgentID    `json:"agent,omitempty" doc:"Who of the staff wrote it; told to staff only"`
	At      time.Time         `json:"at"`
	Text    string            `json:"text"`
	Pending bool              `json:"pending,omitempty" doc:"Staff only: the workflow has not taken it yet"`
	Files   []v1File          `json:"files" nullable:"false"`
}

// newMessage is a message as the person reads it.
func newMessage(m store.Message, zone *time.Location) v1Message {
	return v1Message{ID: m.ID, Kind: m.Kind, At: m.At.In(zone), Text: m.Text, Files: newFiles(m.Files, zone)}
}

func newFiles(files []store.Attachment, zone *time.Location) []v1File {
	out := []v1File{}
	for _, f := range files {
		out = append(out, v1File{ID: f.ID, Name: f.Name, Type: f.Type, Size: f.Size, At: f.At.In(zone)})
	}
	return out
}

// formFiles are the files that came with the request.
func formFiles(files []store.Attachment, zone *time.Location) []v1File {
	var out []store.Attachment
	for _, f := range files {
		if f.Message == 0 {
			out = append(out, f)
		}
	}
	return newFiles(out, zone)
}

// v1Download is a file to keep, never to show: whatever is in it, it runs nowhere.
type v1Download struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	Disposition string `header:"Content-Disposition"`
	Policy      string `header:"Content-Security-Policy" hidden:"true"`
	Body        []byte
}

func newDownload(f store.Attachment, content []byte) *v1Download {
	return &v1Download{ContentType: f.Type, Disposition: disposition(f), Policy: filePolicy, Body: content}
}

// instant is a time that may be missing, in a zone.
func instant(t time.Time, zone *time.Location) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.In(zone)
	return &t
}
