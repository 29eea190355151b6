package seal

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func newFile(t *testing.T) (string, *Vault) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "master.key")
	require.NoError(t, CreateFile(path))
	v, err := OpenFile(path)
	require.NoError(t, err)
	return path, v
}

func primary(t *testing.T, v *Vault) KeyID {
	t.Helper()
	id, err := v.Primary()
	require.NoError(t, err)
	return id
}

// onlyTheKey: the file is its owner's alone, and nothing lies beside it.
func onlyTheKey(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	there, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, there, 1)
}

func TestAVaultThatIsOpenFollowsARotation(t *testing.T) {
	path, running := newFile(t)
	first := primary(t, running)
	wrapped, old, err := running.NewDataKey()
	require.NoError(t, err)
	sealed, err := old.Seal([]byte("王小明"), "c")
	require.NoError(t, err)
	email, err := running.Seal([]byte("a@b.cn"), "agents/li.wei")
	require.NoError(t, err)
	hash := running.Hash("contact", "a@b.cn")

	second, err := Rotate(path)
	require.NoError(t, err)
	require.NotEqual(t, first, second)
	onlyTheKey(t, path)
	anew, err := running.Rewrap(wrapped)
	require.NoError(t, err)
	for text, want := range map[string]KeyID{string(wrapped): first, string(anew): second} {
		under, ok := WrappedUnder([]byte(text))
		require.True(t, ok)
		require.Equal(t, want, under, "it seals under the new key, and still opens what the old one wrapped")
		key, err := running.DataKey([]byte(text))
		require.NoError(t, err)
		plain, err := key.Open(sealed, "c")
		require.NoError(t, err)
		require.Equal(t, "王小明", string(plain))
	}
	plain, err := running.Open(email, "agents/li.wei")
	require.NoError(t, err)
	require.Equal(t, "a@b.cn", string(plain))
	require.Equal(t, hash, running.Hash("contact", "a@b.cn"), "what is looked up by its hash is still found")

	retired, err := Retire(path, func([]KeyID) error { return nil })
	require.NoError(t, err)
	require.Equal(t, []KeyID{first}, retired)
	onlyTheKey(t, path)
	require.Equal(t, second, primary(t, running))
	_, err = running.DataKey(wrapped)
	require.Error(t, err)
	_, err = running.DataKey(anew)
	require.NoError(t, err)
	keys, _, err := Keys(path)
	require.NoError(t, err)
	require.Equal(t, []Key{{second, KeyPrimary}}, keys)
}

func TestAVaultReadsItsFileOnceMoreBeforeItGivesUp(t *testing.T) {
	path, running := newFile(t)
	info, err := os.Stat(path)
	require.NoError(t, err)
	_, err = Rotate(path)
	require.NoError(t, err)
	other, err := OpenFile(path)
	require.NoError(t, err)
	sealed, err := other.Seal([]byte("x"), "c")
	require.NoError(t, err)
	wrapped, _, err := other.NewDataKey()
	require.NoError(t, err)
	// As if the change of the file could not be seen from outside.
	k := *running.keys.Load()
	k.seen, err = os.Stat(path)
	require.NoError(t, err)
	require.False(t, os.SameFile(info, k.seen))
	running.keys.Store(&k)
	_, err = running.Open(sealed, "c")
	require.NoError(t, err)
	running.keys.Store(&k)
	_, err = running.DataKey(wrapped)
	require.NoError(t, err)
}

func TestAFileThatIsGoneDamagedOrAnotherDesksChangesNothing(t *testing.T) {
	path, running := newFile(t)
	sealed, err := running.Seal([]byte("x"), "c")
	require.NoError(t, err)
	check := func() {
		plain, err := running.Open(sealed, "c")
		require.NoError(t, err)
		require.Equal(t, "x", string(plain))
		_, err = running.Seal([]byte("y"), "c")
		require.NoError(t, err)
	}
	require.NoError(t, os.WriteFile(path, []byte("damaged"), 0o600))
	check()
	require.NoError(t, os.WriteFile(path, []byte(NewMasterKey()), 0o600))
	check()
	require.NoError(t, os.Remove(path))
	check()
}

func TestAKeyCanBeBroughtToEveryMachineBeforeItIsUsed(t *testing.T) {
	path, running := newFile(t)
	first := primary(t, running)
	waiting, err := AddKey(path)
	require.NoError(t, err)
	require.Equal(t, first, primary(t, running))
	_, err = AddKey(path)
	require.ErrorContains(t, err, "waits already")
	keys, _, err := Keys(path)
	require.NoError(t, err)
	require.Equal(t, []Key{{first, KeyPrimary}, {waiting, KeyWaiting}}, keys)
	_, err = Retire(path, func([]KeyID) error { return nil })
	require.ErrorContains(t, err, "no old key", "one that waits is not retired")

	rotated, err := Rotate(path)
	require.NoError(t, err)
	require.Equal(t, waiting, rotated)
	require.Equal(t, waiting, primary(t, running))
}

func TestKeysThatAreStillNeededStay(t *testing.T) {
	path, running := newFile(t)
	sealed, err := running.Seal([]byte("x"), "c")
	require.NoError(t, err)
	_, err = Rotate(path)
	require.NoError(t, err)
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	needed := errors.New("3 sessions are sealed under it")
	for _, refuseAt := range []int{1, 2} { // before they are gone, and once they are
		asked := 0
		_, err = Retire(path, func(old []KeyID) error {
			if asked++; asked == refuseAt {
				return needed
			}
			return nil
		})
		require.ErrorIs(t, err, needed)
		require.Equal(t, refuseAt, asked)
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, before, after)
		onlyTheKey(t, path)
		_, err = running.Open(sealed, "c")
		require.NoError(t, err)
	}
}

func TestRotationsAtOnceFollowOneAnother(t *testing.T) {
	path, running := newFile(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := Rotate(path); err != nil {
				t.Error(err)
			}
		})
		all.Go(func() {
			sealed, err := running.Seal([]byte("x"), "c")
			if err == nil {
				_, err = running.Open(sealed, "c")
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	keys, _, err := Keys(path)
	require.NoError(t, err)
	require.Len(t, keys, 9)
	require.Equal(t, keys[8], Key{primary(t, running), KeyPrimary})
	onlyTheKey(t, path)
}

func TestATryThatWasCutOffLeavesNothing(t *testing.T) {
	path, _ := newFile(t)
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(path), unfinished+"1"), []byte("secret"), 0o600))
	_, err := Rotate(path)
	require.NoError(t, err)
	onlyTheKey(t, path)
}
