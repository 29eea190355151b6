package production

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// Environment writes settings of the product's command line out as the
// environment variables by which a process of its own is given them. settings is
// a pointer to a struct of the command package, such as *command.API. What is as
// its default is left out, so that an older release does not meet a setting that
// it doesn't know.
func Environment(settings any) ([]string, error) {
	line := reflect.New(reflect.StructOf([]reflect.StructField{
		{Name: "Settings", Type: reflect.TypeOf(settings).Elem(), Tag: `embed:""`},
	}))
	parser, err := kong.New(line.Interface(), kong.DefaultEnvars("RIGHTSDESK"), kong.Exit(func(int) {}))
	if err != nil {
		return nil, err
	}
	line.Elem().Field(0).Set(reflect.ValueOf(settings).Elem())
	var env []string
	for _, f := range parser.Model.Flags {
		if len(f.Envs) == 0 {
			continue
		}
		if text := written(f.Target); text != "" && text != f.Default && (f.Default != "" || text != "false") {
			env = append(env, f.Envs[0]+"="+text)
		}
	}
	return env, nil
}

// written is a setting as one would type it; empty: it is left to its default.
func written(v reflect.Value) string {
	if v.IsZero() && v.Kind() != reflect.Bool {
		return ""
	}
	switch x := v.Interface().(type) {
	case []string:
		return strings.Join(x, ",")
	case time.Duration:
		return x.String()
	default:
		return fmt.Sprint(x)
	}
}
