package store

import "gorm.io/gorm"

// Statement is one that was carried out.
type Statement struct {
	SQL  string
	Vars []any
}

// Watch tells of every statement that reads.
func (s *Store) Watch(tell func(Statement)) {
	told := func(db *gorm.DB) {
		if !db.DryRun { // part of another
			tell(Statement{db.Statement.SQL.String(), append([]any{}, db.Statement.Vars...)})
		}
	}
	_ = s.db.Callback().Query().After("gorm:query").Register("test:watch", told)
	_ = s.db.Callback().Row().After("gorm:row").Register("test:watch", told)
}

// Explain gives the database's plan of a statement.
func (s *Store) Explain(st Statement) ([]map[string]any, error) {
	ask := "EXPLAIN FORMAT=TRADITIONAL "
	if s.backend == SQLite {
		ask = "EXPLAIN QUERY PLAN "
	}
	var plan []map[string]any
	err := s.db.Session(&gorm.Session{NewDB: true}).Raw(ask+st.SQL, st.Vars...).Scan(&plan).Error
	return plan, err
}

// DB lets a test do what the store does not.
func (s *Store) DB() *gorm.DB { return s.db }
