package command

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"rightsdesk/seal"
)

type keysCommand struct {
	New    keysNew    `cmd:"" help:"Write a new master key to a file only its owner can read. Without it nothing sealed can ever be read: keep a copy apart from the database's backups."`
	List   keysList   `cmd:"" help:"List the keys within a master key, without their secrets."`
	Add    keysAdd    `cmd:"" help:"Add a key that the next rotation uses: where several machines have copies of the file, bring it to all of them first."`
	Rotate keysRotate `cmd:"" help:"Seal under a new key from now on, and seal anew what is there. The desk may go on."`
	Retire keysRetire `cmd:"" help:"Take the old keys away, once nothing is sealed under them."`
}

type keysNew struct {
	File string `arg:"" help:"Where to write it. A file that is there is never overwritten."`
}

func (c *keysNew) Run(s streams) error {
	if err := seal.CreateFile(c.File); err != nil {
		return err
	}
	fmt.Fprintln(s.out, "wrote", c.File)
	return nil
}

type keysList struct {
	File string `arg:"" help:"The master key's file."`
}

func (c *keysList) Run(s streams) error {
	keys, changed, err := seal.Keys(c.File)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "KEY\tSTATE")
	for _, k := range keys {
		fmt.Fprintf(w, "%s\t%s\n", k.ID, k.State)
	}
	fmt.Fprintf(w, "last changed %s\n", changed.UTC().Format(time.RFC3339))
	return w.Flush()
}

type keysAdd struct {
	File string `arg:"" help:"The master key's file."`
}

func (c *keysAdd) Run(s streams) error {
	id, err := seal.AddKey(c.File)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "added key %s, which waits: bring the file to every machine, then run rightsdesk keys rotate\n", id)
	return nil
}

type keysRotate struct {
	Database `embed:""`
	New      bool `help:"Make a new key even if the last rotation has not been finished."`
}

// Run rotates, or goes on with a rotation that was cut off.
func (c *keysRotate) Run(ctx context.Context, s streams) error {
	if err := needsKeyFile(c.Database); err != nil {
		return err
	}
	r, err := openRecords(ctx, c.Database)
	if err != nil {
		return err
	}
	defer r.store.Close()
	old, waiting, err := oldKeys(c.MasterKeyFile)
	if err != nil {
		return err
	}
	counts, err := r.store.SealedUnder(ctx, old)
	if err != nil {
		return err
	}
	if len(counts) > 0 && !waiting && !c.New {
		fmt.Fprintln(s.out, "the last rotation was not finished: going on with it")
	} else {
		id, err := seal.Rotate(c.MasterKeyFile)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.out, "key %s seals from now on; back the file up, apart from the database\n", id)
	}
	anew := 0
	for range rewrapPasses {
		done, err := r.store.Rewrap(ctx)
		if err != nil {
			return fmt.Errorf("%w; run the command again: it goes on where it was", err)
		}
		anew += done.Anew
		if done.Anew == 0 { // nothing was sealed meanwhile by a process that had not seen the new key
			fmt.Fprintf(s.out, "sealed %d values anew\n", anew)
			if done.Failed > 0 {
				return fmt.Errorf("%d values can't be opened, so their key can't be retired: restore them from a backup", done.Failed)
			}
			return nil
		}
	}
	return errors.New("a process keeps sealing under an old key: it was given the master key itself, or another copy of the file")
}

// rewrapPasses is how often the tables are looked through: what is sealed under an
// old key behind the first time was in the middle of being written.
const rewrapPasses = 5

type keysRetire struct {
	Database `embed:""`
	Settle   time.Duration `default:"10m" help:"How long ago the key file must have been changed: by then every process seals under the new key."`
}

func (c *keysRetire) Run(ctx context.Context, s streams) error {
	if err := needsKeyFile(c.Database); err != nil {
		return err
	}
	_, changed, err := seal.Keys(c.MasterKeyFile)
	if err != nil {
		return err
	}
	if settled := changed.Add(c.Settle); time.Now().Before(settled) {
		return fmt.Errorf("the key file was changed a short while ago, and a process may be in the middle of something: try again after %s",
			settled.UTC().Format(time.RFC3339))
	}
	r, err := openRecords(ctx, c.Database)
	if err != nil {
		return err
	}
	defer r.store.Close()
	retired, err := seal.Retire(c.MasterKeyFile, func(old []seal.KeyID) error {
		counts, err := r.store.SealedUnder(ctx, old)
		if err != nil || len(counts) == 0 {
			return err
		}
		var where []string
		for _, name := range slices.Sorted(maps.Keys(counts)) {
			where = append(where, fmt.Sprintf("%s (%d)", name, counts[name]))
		}
		return fmt.Errorf("the old keys are still needed for %s: run rightsdesk keys rotate", strings.Join(where, ", "))
	})
	if err != nil {
		return err
	}
	for _, id := range retired {
		fmt.Fprintf(s.out, "retired key %s\n", id)
	}
	fmt.Fprintln(s.out, "backups of the database made before the rotation still need the key file as it was then")
	return nil
}

func needsKeyFile(d Database) error {
	if d.MasterKeyFile == "" {
		return errors.New("--master-key-file (RIGHTSDESK_MASTER_KEY_FILE): a rotation needs the master key in a file, which every process follows")
	}
	return nil
}

// oldKeys lists the old keys of a file, and says whether one waits.
func oldKeys(path string) (old []seal.KeyID, waiting bool, err error) {
	keys, _, err := seal.Keys(path)
	for _, k := range keys {
		switch k.State {
		case seal.KeyOld:
			old = append(old, k.ID)
		case seal.KeyWaiting:
			waiting = true
		}
	}
	return old, waiting, err
}
