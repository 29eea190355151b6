package workflows

// Release is the newest release whose recorded histories these workflows replay:
// the newest folder under testdata/histories. Workers show it among their metrics.
const Release = "0.2"
