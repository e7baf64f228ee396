enum PheromoneFunctionsPlaceholder {}
