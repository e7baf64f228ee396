enum ReconcilersPlaceholder {}
