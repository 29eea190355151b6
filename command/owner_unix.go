//go:build unix

package command

import (
	"io/fs"
	"syscall"
)

func ownedByRoot(file fs.FileInfo) bool {
	stat, ok := file.Sys().(*syscall.Stat_t)
	return ok && stat.Uid == 0
}
