// Package smalldisk gives tests a disk that is small enough to be filled.
package smalldisk

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
)

// Disk is a folder that is a disk of its own.
type Disk struct{ at string }

// Mount has a folder be a disk of so many megabytes, which are taken from memory. Only
// root can.
func Mount(at string, mb int) (*Disk, error) {
	if err := os.MkdirAll(at, 0o700); err != nil {
		return nil, err
	}
	said, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+strconv.Itoa(mb)+"m", "rightsdesk-test", at).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("mounting a disk of its own on %s, which takes root: %w: %s", at, err, said)
	}
	return &Disk{at: at}, nil
}

func (d *Disk) filler() string { return filepath.Join(d.at, "filler") }

// Fill leaves no room at all.
func (d *Disk) Fill() error {
	filler, err := os.Create(d.filler())
	if err != nil {
		return err
	}
	defer filler.Close()
	for err == nil {
		_, err = filler.Write(make([]byte, 64<<10))
	}
	if errors.Is(err, syscall.ENOSPC) {
		return nil
	}
	return err
}

// Clear takes away what Fill put there.
func (d *Disk) Clear() error { return os.Remove(d.filler()) }

// Unmount ends the disk and all that is on it, whoever still has it open.
func (d *Disk) Unmount() error { return exec.Command("umount", "--lazy", d.at).Run() }
