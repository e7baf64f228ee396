enum ReconcilersTestsPlaceholder {}
