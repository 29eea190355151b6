package mailcatcher

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
)

// maxDepth is how deep parts may lie in parts.
const maxDepth = 8

// words decodes headers such as =?utf-8?q?=E6=B3=A8?= in any charset.
var words = mime.WordDecoder{CharsetReader: charset}

// parse reads a mail as well as it can; what it cannot read is named in
// Problem, and the rest is still there.
func parse(raw []byte) Message {
	m := Message{References: []string{}, Attachments: []Attachment{}, Headers: map[string][]string{}}
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		m.Problem = "header: " + err.Error()
		m.Text = string(raw)
		return m
	}
	for name, values := range msg.Header {
		for _, v := range values {
			m.Headers[name] = append(m.Headers[name], decodeHeader(v))
		}
	}
	m.From = decodeHeader(msg.Header.Get("From"))
	m.Subject = decodeHeader(msg.Header.Get("Subject"))
	m.MessageID = strings.TrimSpace(msg.Header.Get("Message-Id"))
	m.InReplyTo = strings.TrimSpace(msg.Header.Get("In-Reply-To"))
	m.References = append(m.References, strings.Fields(msg.Header.Get("References"))...)
	if err := m.part(textproto.MIMEHeader(msg.Header), msg.Body, 0); err != nil {
		m.Problem = "body: " + err.Error()
	}
	return m
}

func decodeHeader(v string) string {
	if decoded, err := words.DecodeHeader(v); err == nil {
		return decoded
	}
	return v
}

// part takes in one part of a mail and, for a multipart, its parts.
func (m *Message) part(h textproto.MIMEHeader, body io.Reader, depth int) error {
	if depth > maxDepth {
		return errors.New("parts too deep")
	}
	contentType := h.Get("Content-Type")
	if contentType == "" {
		contentType = "text/plain; charset=us-ascii"
	}
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return fmt.Errorf("content type: %w", err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			if err := m.part(p.Header, p, depth+1); err != nil {
				return err
			}
		}
	}
	content, err := io.ReadAll(transfer(h.Get("Content-Transfer-Encoding"), body))
	if err != nil {
		return err
	}
	disposition, dispositionParams, _ := mime.ParseMediaType(h.Get("Content-Disposition"))
	switch {
	case disposition != "attachment" && kind == "text/plain" && m.Text == "":
		m.Text, err = text(params["charset"], content)
	case disposition != "attachment" && kind == "text/html" && m.HTML == "":
		m.HTML, err = text(params["charset"], content)
	default:
		name := dispositionParams["filename"]
		if name == "" {
			name = params["name"]
		}
		m.Attachments = append(m.Attachments, Attachment{Name: decodeHeader(name), Type: kind, Size: len(content)})
	}
	return err
}

func transfer(encoding string, body io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	}
	return body
}

// text gives a text part as UTF-8 with plain line feeds.
func text(name string, content []byte) (string, error) {
	r, err := charset(name, bytes.NewReader(content))
	if err != nil {
		return string(content), err
	}
	decoded, err := io.ReadAll(r)
	return strings.ReplaceAll(string(decoded), "\r\n", "\n"), err
}

func charset(name string, input io.Reader) (io.Reader, error) {
	switch strings.ToLower(name) {
	case "", "utf-8", "us-ascii":
		return input, nil
	}
	e, err := htmlindex.Get(name)
	if err != nil {
		return nil, fmt.Errorf("unknown charset %q", name)
	}
	return e.NewDecoder().Reader(input), nil
}
