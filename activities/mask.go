package activities

import (
	"strings"
	"unicode/utf8"

	"rightsdesk/accounts"
)

// mask leaves of a value what its owner recognises it by and a stranger can do
// nothing with.
func mask(field, value string) string {
	value = strings.TrimSpace(value)
	if value == "" {
		return ""
	}
	switch field {
	case accounts.FieldEmail:
		if at := strings.LastIndexByte(value, '@'); at > 0 {
			return keep(value[:at], 1, 0) + value[at:]
		}
	case accounts.FieldPhone:
		return keep(value, 3, 2)
	case accounts.FieldIDNumber:
		return keep(value, 1, 1)
	case accounts.FieldAddress, accounts.FieldCompany:
		return keep(value, 2, 0)
	}
	return keep(value, 1, 0)
}

// keep shows the first and the last characters; less than half of them, but
// always the first one of more than one.
func keep(s string, first, last int) string {
	n := utf8.RuneCountInString(s)
	if n == 1 {
		return "*"
	}
	if 2*(first+last) > n {
		first, last = 1, 0
	}
	runes := []rune(s)
	return string(runes[:first]) + strings.Repeat("*", min(n-first-last, 6)) + string(runes[n-last:])
}
