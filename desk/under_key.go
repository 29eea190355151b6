package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"rightsdesk/contract"
	"rightsdesk/seal"
	"rightsdesk/store"
)

type keyed struct{}

// UnderKey has an act of staff be one act however often it is asked for under a key: whoever
// asked may have gone without an answer, and asks again. The key must be drawn at random, and
// be made the caller's own.
func UnderKey(ctx context.Context, key string) context.Context {
	return context.WithValue(ctx, keyed{}, key)
}

// keyOf is under which key an act is asked for; "": under none.
func keyOf(ctx context.Context, act string) string {
	if key, _ := ctx.Value(keyed{}).(string); key != "" {
		return act + "/" + key
	}
	return ""
}

// updateID is by what Temporal knows an act.
func updateID(ctx context.Context, act string) string {
	key := keyOf(ctx, act)
	if key == "" {
		return seal.NewToken()
	}
	sum := sha256.Sum256([]byte(key))
	return "key-" + hex.EncodeToString(sum[:16])
}

// carriedOut says that an act whose words were stored under a key before has been carried out. A
// workflow that began anew since knows its update no more, but the words do. While it is not
// certain that the act stays, it is to be asked for once more, a little later.
func carriedOut(act store.ActOf, err error) (contract.Done, bool, error) {
	switch {
	case err != nil || !act.Recorded:
		return contract.Done{}, false, err
	case !act.Settled:
		return contract.Done{}, false, fmt.Errorf("%w: an act waits to be settled", ErrEngineAway)
	}
	return contract.Done{Rev: act.Rev, Stage: act.Stage}, true, nil
}
