package command

import "runtime/debug"

// productVersion names this program in what it makes: its release, or the commit
// it was built from.
func productVersion() string {
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
