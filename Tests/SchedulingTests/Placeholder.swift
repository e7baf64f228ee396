enum SchedulingTestsPlaceholder {}
