package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var noon = time.Date(2026, 11, 23, 4, 0, 0, 123456000, time.UTC)

// The encoding is a promise to whoever kept a file: it is written out here byte
// by byte, and never changes.
func TestAnEntrysHashIsThatOfItsDocumentedEncoding(t *testing.T) {
	entry := Entry{Seq: 2, Rev: 7, At: noon, Actor: "staff", Agent: "li.wei", Act: "claimed", Code: "x", Object: 41}
	sum := sha256.Sum256([]byte("18:rightsdesk/event/1,3:abc,21:DSR-20261123-7K3F9QXM,1:2,1:7,27:2026-11-23T04:00:00.123456Z," +
		"5:staff,6:li.wei,7:claimed,1:x,2:41,"))
	require.Equal(t, hex.EncodeToString(sum[:]), entry.Digest("DSR-20261123-7K3F9QXM", "abc"))

	line := ClockEntry{Seq: 1, At: noon, Event: "started", Running: true, Calendar: 3, Actor: "system"}
	sum = sha256.Sum256([]byte("18:rightsdesk/clock/1,0:,21:DSR-20261123-7K3F9QXM,1:1,1:0,27:2026-11-23T04:00:00.123456Z," +
		"7:started,4:true,0:,5:false,1:3,0:,6:system,0:,1:0,"))
	require.Equal(t, hex.EncodeToString(sum[:]), line.Digest("DSR-20261123-7K3F9QXM", ""))
}

func TestEveryFieldIsInTheHash(t *testing.T) {
	changed := func(v reflect.Value, digest func() string) {
		first := digest()
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; name == "Hash" || name == "Adopted" { // what the desk says of the entry, not what it says
				continue
			}
			old := reflect.ValueOf(v.Field(i).Interface())
			switch f := v.Field(i); f.Interface().(type) {
			case time.Time:
				f.Set(reflect.ValueOf(noon.Add(time.Microsecond)))
			case bool:
				f.SetBool(!f.Bool())
			default:
				if f.Kind() == reflect.String {
					f.SetString(f.String() + "x")
				} else {
					f.SetInt(f.Int() + 1)
				}
			}
			require.NotEqual(t, first, digest(), "%s.%s", v.Type(), v.Type().Field(i).Name)
			v.Field(i).Set(old)
			require.Equal(t, first, digest())
		}
	}
	entry, line := Entry{At: noon}, ClockEntry{At: noon}
	changed(reflect.ValueOf(&entry).Elem(), func() string { return entry.Digest("DSR-1", "") })
	changed(reflect.ValueOf(&line).Elem(), func() string { return line.Digest("DSR-1", "") })
	require.NotEqual(t, entry.Digest("DSR-1", ""), entry.Digest("DSR-2", ""))
	require.NotEqual(t, entry.Digest("DSR-1", ""), entry.Digest("DSR-1", "a"))
	require.NotEqual(t, Encode("a", "b"), Encode("ab", ""))
}
