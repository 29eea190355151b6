package command

import "runtime/debug"

// release is set by whoever builds one: go build -ldflags "-X rightsdesk/command.release=0.3".
var release string

// productVersion names this program in what it makes: its release, or the commit
// it was built from.
func productVersion() string {
	if release != "" {
		return "rightsdesk " + release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "rightsdesk"
	}
	version := "rightsdesk " + info.Main.Version
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && info.Main.Version == "(devel)":
			version += " " + s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			version += " with changes"
		}
	}
	return version
}
