package verify

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAnIdentityNumberIsReadAsItIsTypedAndItsCheckCharacterHolds(t *testing.T) {
	for _, typed := range []string{"11010519491231002X", "11010519491231002x", " 110105 19491231 002X", "１１０１０５１９４９１２３１００２Ｘ"} {
		got, ok := IDNumber(typed)
		assert.True(t, ok, typed)
		assert.Equal(t, "11010519491231002X", got)
	}
	for _, typed := range []string{"", "110105194912310021", "11010519491331002X", "1101051949123100", "A1010519491231002X", "身份证号码身份证号码", "110105174912310028"} {
		_, ok := IDNumber(typed)
		assert.False(t, ok, typed)
	}
}

func TestACreditCodeIsReadAsItIsTypedAndItsCheckCharacterHolds(t *testing.T) {
	for _, typed := range []string{"91350100M000100Y43", "91350100m000100y43", "9135 0100 M000 100Y 43"} {
		got, ok := CreditCode(typed)
		assert.True(t, ok, typed)
		assert.Equal(t, "91350100M000100Y43", got)
	}
	for _, typed := range []string{"", "91350100M000100Y44", "91350100I000100Y43", "91350100M000100Y4"} {
		_, ok := CreditCode(typed)
		assert.False(t, ok, typed)
	}
}

// Every single mistyped character is noticed, and so is every swap of two
// neighbours of an identity number.
func TestASingleSlipIsNoticed(t *testing.T) {
	const id, code = "11010519491231002X", "91350100M000100Y43"
	for i := range id {
		for _, c := range "0123456789" {
			slip := id[:i] + string(c) + id[i+1:]
			if _, ok := IDNumber(slip); slip != id {
				assert.False(t, ok, slip)
			}
		}
		if i > 0 && id[i] != id[i-1] {
			swapped := id[:i-1] + string(id[i]) + string(id[i-1]) + id[i+1:]
			_, ok := IDNumber(swapped)
			assert.False(t, ok, swapped)
		}
	}
	for i := range code {
		for _, c := range "0123456789ABCDEFGHJKLMNPQRTUWXY" {
			slip := code[:i] + string(c) + code[i+1:]
			if _, ok := CreditCode(slip); slip != code {
				assert.False(t, ok, slip)
			}
		}
	}
}

func TestABankAccountIsDigits(t *testing.T) {
	got, ok := BankAccount("6222 0000-1111 2222")
	assert.True(t, ok)
	assert.Equal(t, "6222000011112222", got)
	for _, typed := range []string{"1234567", strings.Repeat("1", 31), "62220000ABCD", ""} {
		_, ok := BankAccount(typed)
		assert.False(t, ok, typed)
	}
}

func FuzzNumbers(f *testing.F) {
	for _, s := range []string{"11010519491231002X", "91350100M000100Y43", "６２２２", "\x00", strings.Repeat("9", 40)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, read := range []func(string) (string, bool){IDNumber, CreditCode, BankAccount} {
			if got, ok := read(s); ok {
				again, ok := read(got)
				assert.True(t, ok)
				assert.Equal(t, got, again, "what was read reads as itself")
			}
		}
	})
}
