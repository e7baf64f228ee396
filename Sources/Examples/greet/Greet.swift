import PheromoneFunctions

@main struct Greet: FunctionHost {
  var functions: [Function] {
    // Gets the request's payload. Puts an object for each name, and announces what `greetings` is going to hold.
    Function("invite") { context in
      let names = try context.inputs.single.text.split(separator: " ").map(String.init)
      for name in names { try context.put(name, in: "guests", text: name) }
      try context.expect(names, in: "greetings")
    }

    // Runs once for each object in `guests`, on whichever executor is free.
    Function("greet") { context in
      let guest = try context.inputs.single
      try context.put(guest.key, in: "greetings", text: "Hello, \(guest.text)!\n")
    }

    // Runs once, when all that was announced is there. What it outputs answers the request.
    Function("gather") { context in
      try context.output(context.inputs.map(\.text).joined())
    }
  }
}
