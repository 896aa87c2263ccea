extension Program {
  /// Walks the words before the cursor to find the command, passing over values of options, then offers what fits there.
  func bashCompletion() -> String {
    let function = "_\(shellName)_complete"
    return """
      # bash completion for \(root.name)
      \(function)() {
        local current="${COMP_WORDS[COMP_CWORD]}" previous="" place=\(Self.quoted(root.name)) word skip="" i
        for ((i = 1; i < COMP_CWORD; i++)); do
          word="${COMP_WORDS[i]}"
          if [[ -n $skip ]]; then skip=""; previous=""; continue; fi
          previous="$word"
          case "$place $word" in
      \(bashSteps())
          esac
          case "$place:$word" in
      \(bashValueOptions())
          esac
        done
        local words="" files=""
        if [[ -n $skip ]]; then
          case "$place:$previous" in
      \(bashChoices())
            *) files=1 ;;
          esac
        elif [[ $current == -* ]]; then
          case "$place" in
      \(bashOptions())
          esac
        else
          case "$place" in
      \(bashWords())
          esac
        fi
        COMPREPLY=($(compgen -W "$words" ${files:+-f} -- "$current"))
      }
      complete -o filenames -F \(function) \(root.name)

      """
  }

  private func bashSteps() -> String {
    chains.dropFirst().map { chain in
      let place = Self.quoted(chain.names.joined(separator: " "))
      let aliases = chain[chain.count - 1].aliases.map {
        Self.quoted((chain.dropLast().map(\.name) + [$0]).joined(separator: " "))
      }
      return "      \(([place] + aliases).joined(separator: " | "))) place=\(place) ;;"
    }.joined(separator: "\n")
  }

  private func bashValueOptions() -> String {
    chains.map { chain in
      let patterns = chain.visibleOptions.filter { !$0.isFlag }.flatMap(Self.spellings).map {
        Self.quoted("\(chain.names.joined(separator: " ")):\($0)")
      }
      return patterns.isEmpty ? "" : "      \(patterns.joined(separator: " | "))) skip=1 ;;"
    }.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private func bashChoices() -> String {
    chains.flatMap { chain in
      chain.visibleOptions.filter { !$0.choices.isEmpty }.map { option in
        let patterns = Self.spellings(option).map { Self.quoted("\(chain.names.joined(separator: " ")):\($0)") }
        let words = Self.quoted(option.choices.joined(separator: " "))
        return "      \(patterns.joined(separator: " | "))) words=\(words) ;;"
      }
    }.joined(separator: "\n")
  }

  private func bashOptions() -> String {
    chains.map { chain in
      let words = chain.visibleOptions.flatMap(Self.spellings).joined(separator: " ")
      return "      \(Self.quoted(chain.names.joined(separator: " ")))) words=\(Self.quoted(words)) ;;"
    }.joined(separator: "\n")
  }

  private func bashWords() -> String {
    chains.map { chain in
      let words = Self.quoted(Self.words(chain).joined(separator: " "))
      let files = chain[chain.count - 1].subcommands.isEmpty ? " files=1" : ""
      return "      \(Self.quoted(chain.names.joined(separator: " ")))) words=\(words)\(files) ;;"
    }.joined(separator: "\n")
  }
}
