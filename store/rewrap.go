package store

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"rightsdesk/seal"
)

// rewrapBatch is how many values are sealed anew in one transaction.
const rewrapBatch = 100

// Rewrapped is what Rewrap did.
type Rewrapped struct {
	Anew   int // sealed under the primary key now
	Failed int // could not be opened: damaged, or sealed under a key that is gone
}

// Rewrap seals anew what the vault has sealed under another key than its primary
// one. The desk may go on meanwhile: a value that somebody changes or purges in
// the same moment stays as they left it. It may be cut off and run again.
func (s *Store) Rewrap(ctx context.Context) (Rewrapped, error) {
	var all Rewrapped
	primary, err := s.vault.Primary()
	if err != nil {
		return all, failed("rewrapping", err)
	}
	for _, c := range sealedColumns() {
		err := s.eachSealed(ctx, c, func(page []sealedValue) error {
			var batch []sealedValue
			for _, v := range page {
				if id, ok := c.under(v.value); !ok || id != primary {
					batch = append(batch, v)
				}
			}
			if batch == nil {
				return nil
			}
			done, err := s.rewrap(ctx, c, batch)
			all.Anew += done.Anew
			all.Failed += done.Failed
			return err
		})
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

func (s *Store) rewrap(ctx context.Context, c sealedColumn, batch []sealedValue) (Rewrapped, error) {
	var done Rewrapped
	where := strings.Join(c.keys, " = ? AND ") + " = ?"
	err := s.inTx(ctx, "rewrapping "+c.table, func(tx *gorm.DB) error {
		done = Rewrapped{}
		for _, v := range batch {
			anew, err := c.again(s.vault, v.keys, v.value)
			if err != nil {
				done.Failed++
				continue
			}
			args := []any{anew}
			for _, k := range v.keys {
				args = append(args, k)
			}
			changed := tx.Exec(fmt.Sprintf("UPDATE %s SET %s = ? WHERE %s AND %s = ?", c.table, c.column, where, c.column), append(args, v.value)...)
			if changed.Error != nil {
				return changed.Error
			}
			done.Anew += int(changed.RowsAffected)
		}
		return nil
	})
	return done, err
}

// sealedValue is a value of a sealedColumn.
type sealedValue struct {
	keys  []string
	value []byte
}

// eachSealed walks a column a page at a time.
func (s *Store) eachSealed(ctx context.Context, c sealedColumn, do func([]sealedValue) error) error {
	doing := "looking through " + c.table
	var last []string
	for {
		page, err := s.sealedPage(s.read(ctx), c, last)
		if err != nil {
			return failed(doing, err)
		}
		if len(page) == 0 {
			return nil
		}
		if err := do(page); err != nil {
			return err
		}
		last = page[len(page)-1].keys
	}
}

func (s *Store) sealedPage(db *gorm.DB, c sealedColumn, last []string) ([]sealedValue, error) {
	query := db.Table(c.table).Select(append(append([]string{}, c.keys...), c.column)).Where(c.column + " IS NOT NULL").
		Order(strings.Join(c.keys, ", ")).Limit(rewrapBatch)
	switch len(last) {
	case 1:
		query = query.Where(c.keys[0]+" > ?", last[0])
	case 2:
		query = query.Where(fmt.Sprintf("%s >= ? AND (%s > ? OR %s > ?)", c.keys[0], c.keys[0], c.keys[1]), last[0], last[0], last[1])
	}
	rows, err := query.Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var page []sealedValue
	for rows.Next() {
		v := sealedValue{keys: make([]string, len(c.keys))}
		into := []any{}
		for i := range v.keys {
			into = append(into, &v.keys[i])
		}
		if err := rows.Scan(append(into, &v.value)...); err != nil {
			return nil, err
		}
		page = append(page, v)
	}
	return page, rows.Err()
}

// SealedUnder counts what is sealed under each of some keys of the vault, by the
// table and column. It looks at every column of bytes it does not know, too.
func (s *Store) SealedUnder(ctx context.Context, ids []seal.KeyID) (map[string]int, error) {
	counts := map[string]int{}
	known := map[string]bool{}
	for _, name := range otherBytes() {
		known[name] = true
	}
	for _, c := range sealedColumns() {
		known[c.table+"."+c.column] = true
		err := s.eachSealed(ctx, c, func(page []sealedValue) error {
			for _, v := range page {
				under, ok := c.under(v.value)
				for _, id := range ids {
					if ok && under == id {
						counts[c.table+"."+c.column]++
					}
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	columns, err := byteColumns(s.read(ctx))
	if err != nil {
		return nil, failed("listing the tables", err)
	}
	for _, name := range columns {
		if known[name] {
			continue
		}
		table, column, _ := strings.Cut(name, ".")
		for _, id := range ids {
			var n int64
			// At the very front of a sealed text, and behind a few bytes in a wrapped key.
			err := s.read(ctx).Table(table).Where("INSTR(SUBSTR("+column+", 1, 16), ?) > 0", id.Mark()).Count(&n).Error
			if err != nil {
				return nil, failed("looking through "+table, err)
			}
			if n > 0 {
				counts[name] += int(n)
			}
		}
	}
	return counts, nil
}

// byteColumns lists the columns of all tables that hold bytes, as table.column.
func byteColumns(db *gorm.DB) ([]string, error) {
	tables, err := db.Migrator().GetTables()
	if err != nil {
		return nil, err
	}
	var out []string
	for _, table := range tables {
		columns, err := db.Migrator().ColumnTypes(table)
		if err != nil {
			return nil, err
		}
		for _, c := range columns {
			kind := strings.ToLower(c.DatabaseTypeName())
			if strings.Contains(kind, "blob") || strings.Contains(kind, "binary") {
				out = append(out, table+"."+c.Name())
			}
		}
	}
	return out, nil
}
