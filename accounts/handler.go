package accounts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path"
	"time"
)

// maxRequest is the longest request body a server of the contract reads.
const maxRequest = 256 << 10

// Verified lets only requests through that the desk has signed with one of
// the secrets, no longer than MaxAge ago, for this very endpoint and with the
// idempotency key of the header. Others get 401 (or 400, 413) and a JSON code.
// The next handler reads the body as if nothing had happened.
func Verified(next http.Handler, now func() time.Time, secrets ...[]byte) http.Handler {
	if now == nil {
		now = time.Now
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
		if err != nil {
			writeError(w, http.StatusRequestEntityTooLarge, errorAnswer{Code: "too_large"})
			return
		}
		err = Verify(r.Header.Get(HeaderTimestamp), r.Header.Get(HeaderSignature), body, now(), secrets...)
		if err != nil {
			writeError(w, http.StatusUnauthorized, errorAnswer{Code: signatureCode(err)})
			return
		}
		var signed struct {
			Operation      operation `json:"operation"`
			IdempotencyKey string    `json:"idempotency_key"`
		}
		if json.Unmarshal(body, &signed) != nil {
			writeError(w, http.StatusBadRequest, errorAnswer{Code: "bad_json"})
			return
		}
		if string(signed.Operation) != path.Base(r.URL.Path) || signed.IdempotencyKey != r.Header.Get(HeaderIdempotencyKey) {
			writeError(w, http.StatusUnauthorized, errorAnswer{Code: "signature_for_another_request"})
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

func signatureCode(err error) string {
	switch {
	case errors.Is(err, ErrSignatureMissing):
		return "signature_missing"
	case errors.Is(err, ErrSignatureStale):
		return "signature_stale"
	}
	return "signature_wrong"
}

// NewHandler serves a System by the contract: POST /lookup, /obstacles,
// /stop-services, /erase, /correct and /purge, signed. It is the server side
// for an operator who writes Go; idempotency is the System's.
func NewHandler(system System, now func() time.Time, secrets ...[]byte) http.Handler {
	mux := http.NewServeMux()
	handle := func(op operation, answer func(context.Context, request) (any, error)) {
		mux.HandleFunc("POST /"+string(op), func(w http.ResponseWriter, r *http.Request) {
			var req request
			if json.NewDecoder(r.Body).Decode(&req) != nil {
				writeError(w, http.StatusBadRequest, errorAnswer{Code: "bad_json"})
				return
			}
			if err := req.check(); err != nil {
				writeError(w, http.StatusBadRequest, errorAnswer{Code: "bad_request", Message: err.Error()})
				return
			}
			a, err := answer(r.Context(), req)
			if err != nil {
				writeFailure(w, err)
				return
			}
			writeJSON(w, http.StatusOK, a)
		})
	}
	handle(opLookup, func(ctx context.Context, r request) (any, error) {
		return system.Lookup(ctx, LookupRequest{Identifier: r.Identifier, Ref: r.Ref})
	})
	handle(opObstacles, func(ctx context.Context, r request) (any, error) {
		list, err := system.Obstacles(ctx, r.Ref)
		if list == nil {
			list = []Obstacle{}
		}
		return obstaclesAnswer{Obstacles: &list}, err
	})
	handle(opStopServices, func(ctx context.Context, r request) (any, error) {
		return system.StopServices(ctx, r.act())
	})
	handle(opErase, func(ctx context.Context, r request) (any, error) {
		return system.Erase(ctx, r.act(), r.Plan)
	})
	handle(opCorrect, func(ctx context.Context, r request) (any, error) {
		return system.Correct(ctx, r.act(), r.Changes)
	})
	handle(opPurge, func(ctx context.Context, r request) (any, error) {
		return system.Purge(ctx, r.act())
	})
	return Verified(mux, now, secrets...)
}

// writeFailure answers with the status of the error's class. What a temporary
// error says stays inside.
func writeFailure(w http.ResponseWriter, err error) {
	var refused *PermanentError
	switch {
	case errors.Is(err, ErrNoAccount):
		writeError(w, http.StatusNotFound, errorAnswer{Code: codeNoAccount})
	case errors.As(err, &refused):
		status := http.StatusUnprocessableEntity
		if refused.Code == CodeChangedMeanwhile || refused.Code == CodeKeyReused {
			status = http.StatusConflict
		}
		writeError(w, status, errorAnswer{Code: refused.Code, Field: refused.Field, Message: refused.words})
	default:
		writeError(w, http.StatusServiceUnavailable, errorAnswer{Code: "temporary"})
	}
}

func writeError(w http.ResponseWriter, status int, e errorAnswer) { writeJSON(w, status, e) }

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
