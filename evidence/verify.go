package evidence

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"rightsdesk/ticket"
)

// Verify checks the bytes of a file: that they are in the one form a file may
// have, that the key signed every one of them, that trail and clock are chained as
// they say, and that what is repeated agrees. Trusted is the desk's key as known
// from elsewhere; nil: the one that stands in the file is taken, which then proves
// only that the file is whole. It returns what it checked in plain words, up to
// the first fault, which is the error.
func Verify(text []byte, trusted ed25519.PublicKey) (File, []string, error) {
	f, err := read(text)
	if err != nil {
		return File{}, nil, err
	}
	var said []string
	say := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	if err := f.checkSignature(text, trusted); err != nil {
		return f, said, err
	}
	say("the signature is that of key %s over every byte of the file", f.Key)
	if trusted == nil {
		say("that key stands in the file itself: compare it with the one that the operator gives you, or give it as --key")
	} else {
		say("that is the key you gave")
	}
	if err := checkTrail(f.Ticket.Number, f.Trail); err != nil {
		return f, said, err
	}
	say("the %d entries of the trail are chained without a gap: none was changed, removed, inserted or moved", len(f.Trail))
	if err := f.Clock.check(f.Ticket.Number); err != nil {
		return f, said, err
	}
	say("the %d entries of the clock are chained likewise, and its intervals add up: it ran for %s and stood for %s",
		len(f.Clock.Entries), took(f.Clock.Ran), took(f.Clock.Stood))
	if n := f.adopted(); n > 0 {
		say("%d of these entries were written by an early release, before entries were chained: what they say is proved from then on only", n)
	}
	if !slices.Equal(f.Approvals, approvals(f.Trail)) {
		return f, said, errors.New("the approvals are not those of the trail")
	}
	say("the %d decisions, approvals and ticked tasks are those of the trail", len(f.Approvals))
	if f.Workflow.Available {
		say("the workflow's history had %d events; their digest is %s", f.Workflow.Events, f.Workflow.Digest)
	} else {
		say("there is no digest of the workflow's history: %s", f.Workflow.Why)
	}
	return f, said, nil
}

func (f File) adopted() (n int) {
	for _, e := range f.Trail {
		if e.Adopted {
			n++
		}
	}
	for _, e := range f.Clock.Entries {
		if e.Adopted {
			n++
		}
	}
	return n
}

// read reads a file, which must be in its one form.
func read(text []byte) (File, error) {
	var f File
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return File{}, errors.New("this is not a file of evidence, or it was changed: it can't be read")
	}
	if _, err := d.Token(); err != io.EOF {
		return File{}, errors.New("something stands behind the end of the file")
	}
	if f.Format != Format {
		return File{}, fmt.Errorf("this is not a file of the format %q", Format)
	}
	again, err := canonical(f)
	if err != nil || !bytes.Equal(again, text) {
		return File{}, errors.New("the file is not in the form in which it was made: it was changed")
	}
	return f, nil
}

func (f File) checkSignature(text []byte, trusted ed25519.PublicKey) error {
	key, err := ParseKey(f.Key)
	if err != nil {
		return fmt.Errorf("the file's key: %w", err)
	}
	signature, err := hex.DecodeString(f.Signature)
	signed := text[:bytes.LastIndex(text, []byte(signatureLine))]
	if err != nil || hex.EncodeToString(signature) != f.Signature || !ed25519.Verify(key, signed, signature) {
		return errors.New("the signature is not that of the file's key over what stands in it: the file was changed")
	}
	if trusted != nil && !trusted.Equal(key) {
		return errors.New("the file is signed by another key than the one given: this desk did not make it")
	}
	return nil
}

func checkTrail(number ticket.Number, trail []Entry) error {
	previous := Entry{}
	for _, e := range trail {
		switch {
		case e.Seq != previous.Seq+1:
			return fmt.Errorf("entry %d of the trail stands behind %d: entries are missing, moved or inserted", e.Seq, previous.Seq)
		case e.Digest(number, previous.Hash) != e.Hash:
			return fmt.Errorf("entry %d of the trail or the one before was changed: its hash is not that of what it says", e.Seq)
		}
		previous = e
	}
	return nil
}
