package sampleaccounts

import (
	"context"
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"time"

	"rightsdesk/accounts"
)

//go:embed page.html
var pageHTML string

//go:embed style.css
var styleCSS []byte

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"fieldWord":  func(f string) string { return fieldWords[f] },
	"statusWord": func(s accounts.Status) string { return statusWords[s] },
	"day":        func(t time.Time) string { return t.In(time.FixedZone("CST", 8*3600)).Format("2006-01-02") },
}).Parse(pageHTML))

var fieldWords = map[string]string{
	fieldAccountName: "账号", accounts.FieldName: "姓名", accounts.FieldEmail: "邮箱", accounts.FieldPhone: "手机",
	accounts.FieldAddress: "地址", accounts.FieldRealName: "实名", accounts.FieldIDNumber: "证件号", accounts.FieldCompany: "公司",
}

var statusWords = map[accounts.Status]string{
	accounts.Active: "正常 active", accounts.Stopped: "服务已停 stopped", accounts.Erased: "已注销 erased",
}

// Person is one account as the page and GET /accounts show it.
type Person struct {
	Ref       accounts.Ref         `json:"ref"`
	Status    accounts.Status      `json:"status"`
	Fields    map[string]string    `json:"fields"` // without the kept ones
	Kept      []accounts.KeptField `json:"kept"`   // locked away: what and until when, not the value
	Obstacles []accounts.Obstacle  `json:"obstacles"`
	Acts      []string             `json:"acts"` // what was done, in order: "stop-services", "erase", …
}

// People lists all accounts, by ref.
func (s *Server) People(ctx context.Context) ([]Person, error) { return s.system.people(ctx) }

func (s *system) people(ctx context.Context) ([]Person, error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	list := []Person{}
	at := map[accounts.Ref]int{}
	each := func(query string, take func(scan func(...any) error) error) {
		if err != nil {
			return
		}
		rows, e := tx.QueryContext(ctx, query)
		if err = e; err != nil {
			return
		}
		defer rows.Close()
		for err == nil && rows.Next() {
			err = take(rows.Scan)
		}
		if err == nil {
			err = rows.Err()
		}
	}
	each(`SELECT ref, status FROM account ORDER BY ref`, func(scan func(...any) error) error {
		p := Person{Fields: map[string]string{}, Kept: []accounts.KeptField{}, Obstacles: []accounts.Obstacle{}, Acts: []string{}}
		e := scan(&p.Ref, &p.Status)
		at[p.Ref] = len(list)
		list = append(list, p)
		return e
	})
	each(`SELECT ref, name, value, until, basis FROM field ORDER BY name`, func(scan func(...any) error) error {
		var ref accounts.Ref
		var name, value, until, basis string
		e := scan(&ref, &name, &value, &until, &basis)
		p := &list[at[ref]]
		if until == "" {
			p.Fields[name] = value
		} else if day, e := time.Parse(time.RFC3339, until); e == nil {
			p.Kept = append(p.Kept, accounts.KeptField{Field: name, Until: day, Basis: basis})
		}
		return e
	})
	each(`SELECT ref, code FROM obstacle ORDER BY code`, func(scan func(...any) error) error {
		var ref accounts.Ref
		var code accounts.ObstacleCode
		e := scan(&ref, &code)
		p := &list[at[ref]]
		p.Obstacles = append(p.Obstacles, accounts.Obstacle{Code: code, ZH: obstacleWords[code][0], EN: obstacleWords[code][1]})
		return e
	})
	each(`SELECT act.ref, operation FROM act JOIN account USING (ref) ORDER BY id`, func(scan func(...any) error) error {
		var ref accounts.Ref
		var operation string
		e := scan(&ref, &operation)
		p := &list[at[ref]]
		p.Acts = append(p.Acts, operation)
		return e
	})
	return list, err
}

func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	list, err := s.system.people(r.Context())
	if err != nil {
		http.Error(w, "the accounts cannot be read", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy",
		"default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	_ = pageTemplate.Execute(w, struct {
		People []Person
		Fields []string
	}{list, fields})
}

func (s *Server) style(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write(styleCSS)
}

func (s *Server) listJSON(w http.ResponseWriter, r *http.Request) {
	list, err := s.system.people(r.Context())
	if err != nil {
		http.Error(w, "the accounts cannot be read", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(list)
}

// Settle removes what prevents an account's cancellation, as if the person
// had paid.
func (s *Server) Settle(ctx context.Context, ref accounts.Ref) error {
	_, err := s.system.db.ExecContext(ctx, `DELETE FROM obstacle WHERE ref = ?`, ref)
	return err
}

func (s *Server) settle(w http.ResponseWriter, r *http.Request) {
	if err := s.Settle(r.Context(), accounts.Ref(r.PathValue("ref"))); err != nil {
		http.Error(w, "it could not be settled", http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
