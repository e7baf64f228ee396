# Reads `swift package describe --type text` and prints every import of a module that the importing target does not
# declare as a dependency, neither its own nor one of a package's products. Run from the package's root.

BEGIN {
  # What the toolchain brings and nobody declares.
  split("Dispatch Foundation FoundationEssentials FoundationNetworking Glibc PackageDescription Swift Synchronization Testing", names, " ")
  for (i in names) toolchain[names[i]] = 1
  # Modules that belong to a product of another name.
  product_of["BasicContainers"] = product_of["DequeModule"] = product_of["HeapModule"] = "Collections"
  product_of["OrderedCollections"] = product_of["HashTreeCollections"] = "Collections"
}

/^Targets:/ { in_targets = 1; next }
!in_targets { next }
/^    [A-Z]/ {
  section = ""
  if ($1 == "Name:") target = $2
  if ($1 == "Path:") path[target] = $2
}
/^    Sources:/ { section = "sources"; next }
/^    (Target|Product) dependencies:/ { section = "dependencies"; next }
/^        / {
  if (section == "sources") files[target] = files[target] " " $1
  if (section == "dependencies") {
    declared[target, $1] = 1
    # The module of a program with a name of several words.
    gsub("-", "_", $1)
    declared[target, $1] = 1
  }
}

END {
  for (target in files) {
    count = split(files[target], list, " ")
    for (i = 1; i <= count; i++) {
      file = path[target] "/" list[i]
      while ((getline line < file) > 0) {
        if (line !~ /^ *(@[A-Za-z_]+ +)*((public|package|internal|fileprivate|private) +)?import /) continue
        sub(/^.*import +/, "", line)
        sub(/^(struct|class|enum|protocol|typealias|func|var|let|actor) +/, "", line)
        sub(/[^A-Za-z0-9_].*$/, "", line)
        needed = (line in product_of) ? product_of[line] : line
        if ((line in toolchain) || needed == target || ((target, needed) in declared)) continue
        print file ": imports " line ", which target " target " does not declare in Package.swift"
      }
      close(file)
    }
  }
}
