enum NodeAgentTestsPlaceholder {}
