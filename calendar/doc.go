// Package calendar answers every question about days and deadlines: which
// days are working days, when a reply is due, when its reminders leave and how
// many working days are left.
//
// Nothing else in the desk counts days. The package reads no clock and no
// file of its own accord: callers hand in the time and the loaded schedules,
// and the same question always gets the same answer, so workflows may ask it.
//
// The Chinese calendar follows the yearly notices of the General Office of the
// State Council, and for a year without one the statutory festival days of
// 全国年节及纪念日放假办法. A deadline that rests on such a year is provisional
// (暂定) and says so.
package calendar
