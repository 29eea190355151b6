package seal

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func open(t *testing.T, key string) *Vault {
	t.Helper()
	v, err := Open(key)
	require.NoError(t, err)
	return v
}

func TestSealedTextOpensOnlyInItsPlaceAndUnderItsKey(t *testing.T) {
	v := open(t, NewMasterKey())
	wrapped, key, err := v.NewDataKey()
	require.NoError(t, err)
	sealed, err := key.Seal([]byte("王小明"), "DSR-1/messages/17")
	require.NoError(t, err)
	require.NotContains(t, string(sealed), "王小明")

	again, err := v.DataKey(wrapped)
	require.NoError(t, err)
	plain, err := again.Open(sealed, "DSR-1/messages/17")
	require.NoError(t, err)
	require.Equal(t, "王小明", string(plain))
	_, err = again.Open(sealed, "DSR-1/messages/18")
	require.ErrorIs(t, err, ErrUnreadable)
	sealed[len(sealed)-1] ^= 1
	_, err = again.Open(sealed, "DSR-1/messages/17")
	require.ErrorIs(t, err, ErrUnreadable)

	_, err = open(t, NewMasterKey()).DataKey(wrapped)
	require.Error(t, err, "another master key unwraps nothing")
	_, other, err := v.NewDataKey()
	require.NoError(t, err)
	sealed[len(sealed)-1] ^= 1
	_, err = other.Open(sealed, "DSR-1/messages/17")
	require.ErrorIs(t, err, ErrUnreadable)
}

func TestTheSameTextIsNeverSealedAlike(t *testing.T) {
	_, key, err := open(t, NewMasterKey()).NewDataKey()
	require.NoError(t, err)
	a, err := key.Seal([]byte("x"), "c")
	require.NoError(t, err)
	b, err := key.Seal([]byte("x"), "c")
	require.NoError(t, err)
	require.NotEqual(t, a, b)
}

func TestTheVaultSealsWhatBelongsToNoTicket(t *testing.T) {
	v := open(t, NewMasterKey())
	sealed, err := v.Seal(nil, "agents/li.wei")
	require.NoError(t, err)
	plain, err := v.Open(sealed, "agents/li.wei")
	require.NoError(t, err)
	require.Empty(t, plain)
	_, err = v.Open(sealed, "agents/wang.fang")
	require.ErrorIs(t, err, ErrUnreadable)
}

func TestHashesAreStableKeyedAndKeptApart(t *testing.T) {
	key := NewMasterKey()
	v := open(t, key)
	require.Equal(t, v.Hash("contact", "a@b.cn"), open(t, key).Hash("contact", "a@b.cn"))
	require.Len(t, v.Hash("contact", "a@b.cn"), 64)
	require.NotEqual(t, v.Hash("contact", "a@b.cn"), v.Hash("code", "a@b.cn"))
	require.NotEqual(t, v.Hash("ab", "c"), v.Hash("a", "bc"))
	require.NotEqual(t, v.Hash("contact", "a@b.cn"), open(t, NewMasterKey()).Hash("contact", "a@b.cn"))
}

func TestAMasterKeyThatIsWrongIsRefusedWithoutShowingIt(t *testing.T) {
	good := NewMasterKey()
	text, err := base64.StdEncoding.DecodeString(good)
	require.NoError(t, err)
	damaged := strings.Replace(string(text), `"value":"`, `"value":"AAAA`, 1)
	for name, key := range map[string]string{
		"empty": " ", "not base64": "SECRET!!", "cut short": good[:len(good)/2/4*4],
		"another program's": base64.StdEncoding.EncodeToString([]byte(`{"SECRET":1}`)),
		"damaged":           base64.StdEncoding.EncodeToString([]byte(damaged)),
	} {
		_, err := Open(key)
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "SECRET", name)
		require.Less(t, len(err.Error()), 200, name)
	}
}

func TestTheKeyFileIsForItsOwnerAndNeverOverwritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master.key")
	_, err := OpenFile(path)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, CreateFile(path))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	first, err := OpenFile(path)
	require.NoError(t, err)
	require.ErrorIs(t, CreateFile(path), os.ErrExist)
	second, err := OpenFile(path)
	require.NoError(t, err)
	require.Equal(t, first.Hash("p", "v"), second.Hash("p", "v"))
}

func TestTokensAreLongAndDiffer(t *testing.T) {
	a, b := NewToken(), NewToken()
	require.Len(t, a, 43)
	require.NotEqual(t, a, b)
	require.Equal(t, -1, strings.IndexAny(a, "+/="))
}
