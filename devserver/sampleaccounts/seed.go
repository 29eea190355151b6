package sampleaccounts

import (
	"context"
	"database/sql"
	"fmt"

	"rightsdesk/accounts"
)

// people are invented: example domains, and ID numbers whose check digit is wrong.
var people = []struct {
	values   [8]string // in the order of fields
	obstacle accounts.ObstacleCode
}{
	{values: [8]string{"zhangwei", "张伟", "zhang.wei@example.com", "13800138001", "北京市海淀区示例路1号", "张伟", "110108199003070010", ""}},
	{values: [8]string{"wangfang", "王芳", "wang.fang@example.com", "13800138002", "上海市浦东新区样例街22号", "王芳", "310115198811230021", ""}, obstacle: accounts.UnpaidBill},
	{values: [8]string{"lina", "李娜", "li.na@example.com", "13800138003", "广州市天河区测试大道3号", "李娜", "440106199205160031", ""}, obstacle: accounts.RunningService},
	{values: [8]string{"liuyang", "刘洋", "liu.yang@example.org", "13800138004", "成都市武侯区范例巷4号", "刘洋", "510107198507080040", "成都示例科技有限公司"}},
	{values: [8]string{"chenjing", "陈静", "chen.jing@example.com", "13800138005", "杭州市西湖区演示路55号", "陈静", "330106199912010050", ""}},
	{values: [8]string{"yanglei", "杨磊", "yang.lei@example.org", "13800138006", "武汉市江汉区样本路6号", "杨磊", "420103197809090061", "武汉样例贸易有限公司"}, obstacle: accounts.Balance},
	{values: [8]string{"zhaomin", "赵敏", "zhao.min@example.com", "13800138007", "", "", "", ""}},
	{values: [8]string{"huangqiang", "黄强", "huang.qiang@example.com", "13800138008", "深圳市南山区示例二路8号", "黄强", "440305198602140080", "深圳示例网络有限公司"}},
	{values: [8]string{"zhouting", "周婷", "zhou.ting@example.org", "", "南京市鼓楼区样例里9号", "周婷", "320106199407220090", ""}},
	{values: [8]string{"alice", "Alice Example", "alice@example.com", "13800138010", "10 Sample Road, Beijing", "Alice Example", "", "Example Trading Ltd"}},
	{values: [8]string{"bob", "Bob Sample", "bob@example.org", "13800138011", "", "", "", ""}},
	{values: [8]string{"oconnor", "Siobhán O’Connor", "siobhan.oconnor@example.com", "13800138012", "12 Test Lane, Shanghai", "", "", ""}, obstacle: accounts.PendingDispute},
}

// seed fills a new database. One from which everybody was purged is not new.
func (s *system) seed() error {
	ctx := context.Background()
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var used int
	err = tx.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM account) + (SELECT count(*) FROM act)`).Scan(&used)
	if err != nil || used > 0 {
		return err
	}
	for i, p := range people {
		values := map[string]string{}
		for n, field := range fields {
			values[field] = p.values[n]
		}
		var standing []accounts.ObstacleCode
		if p.obstacle != "" {
			standing = append(standing, p.obstacle)
		}
		if err := add(ctx, tx, accounts.Ref(fmt.Sprint("u-", 1001+i)), values, standing); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// Add takes in one more active account, for tests that need many.
func (s *Server) Add(ctx context.Context, ref accounts.Ref, values map[string]string, standing ...accounts.ObstacleCode) error {
	tx, err := s.system.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := add(ctx, tx, ref, values, standing); err != nil {
		return err
	}
	return tx.Commit()
}

// SampleRef is the ref of the nth account of AddMany, counted from 1. Its account
// name is the same, and its address is at example.com.
func SampleRef(n int) accounts.Ref { return accounts.Ref(fmt.Sprint("sample-", n)) }

// AddMany sees to it that there are so many accounts of nobody in particular, each
// with a name, an address, a telephone number and a real name. Those that were
// there once stay as they are, erased ones too.
func (s *Server) AddMany(ctx context.Context, n int) error {
	tx, err := s.system.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var there int
	err = tx.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT ref FROM account UNION SELECT ref FROM act)
		WHERE ref GLOB 'sample-*'`).Scan(&there)
	if err != nil {
		return err
	}
	for i := there + 1; i <= n; i++ {
		ref := SampleRef(i)
		values := map[string]string{fieldAccountName: string(ref), accounts.FieldName: fmt.Sprint("样本", i),
			accounts.FieldEmail: string(ref) + "@example.com", accounts.FieldPhone: fmt.Sprint(13900000000 + i),
			accounts.FieldAddress: fmt.Sprint("样本路", i, "号"), accounts.FieldRealName: fmt.Sprint("样本", i)}
		if err := add(ctx, tx, ref, values, nil); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func add(ctx context.Context, tx *sql.Tx, ref accounts.Ref, values map[string]string, standing []accounts.ObstacleCode) error {
	if _, err := tx.ExecContext(ctx, `INSERT INTO account (ref, status) VALUES (?, ?)`, ref, accounts.Active); err != nil {
		return err
	}
	for name, value := range values {
		if value == "" {
			continue
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO field (ref, name, value) VALUES (?, ?, ?)`, ref, name, value); err != nil {
			return err
		}
	}
	for _, code := range standing {
		if _, err := tx.ExecContext(ctx, `INSERT INTO obstacle (ref, code) VALUES (?, ?)`, ref, code); err != nil {
			return err
		}
	}
	return nil
}
