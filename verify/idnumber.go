package verify

import (
	"strings"
	"time"
)

// IDNumber reads a resident identity number (公民身份号码, GB 11643-1999: 17 digits,
// of which eight are the day of birth, and a check character) as people type it,
// and reports whether it can be one.
func IDNumber(s string) (string, bool) {
	s = plainUpper(s)
	if len(s) != 18 {
		return "", false
	}
	const weights, checks = "79A584216379A5842", "10X98765432" // A: ten
	sum := 0
	for i := range 17 {
		if s[i] < '0' || s[i] > '9' {
			return "", false
		}
		w := 10
		if weights[i] != 'A' {
			w = int(weights[i] - '0')
		}
		sum += int(s[i]-'0') * w
	}
	born, err := time.Parse("20060102", s[6:14])
	if err != nil || born.Year() < 1850 || s[17] != checks[sum%11] {
		return "", false
	}
	return s, true
}

// CreditCode reads a unified social credit code (统一社会信用代码, GB 32100-2015: 17
// characters and a check character) as people type it, and reports whether it can
// be one.
func CreditCode(s string) (string, bool) {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	s = plainUpper(s)
	if len(s) != 18 {
		return "", false
	}
	sum, weight := 0, 1
	for i := range 17 {
		v := strings.IndexByte(alphabet, s[i])
		if v < 0 {
			return "", false
		}
		sum += v * weight
		weight = weight * 3 % 31
	}
	if s[17] != alphabet[(31-sum%31)%31] {
		return "", false
	}
	return s, true
}

// BankAccount reads a company's account number as people type it: 8 to 30 digits.
func BankAccount(s string) (string, bool) {
	s = plainUpper(s)
	if len(s) < 8 || len(s) > 30 || strings.Trim(s, "0123456789") != "" {
		return "", false
	}
	return s, true
}

// plainUpper drops spaces and hyphens, and makes full-width characters plain.
func plainUpper(s string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			r = r - '！' + '!'
		case r == '　':
			r = ' '
		}
		if r == ' ' || r == '-' || r == '\t' {
			return -1
		}
		return r
	}, s))
}
