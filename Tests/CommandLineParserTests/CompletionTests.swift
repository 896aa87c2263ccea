import CommandLineParser
import Glibc
import Testing

@Suite("Completion, asked of the shells themselves") struct CompletionTests {
  private static let questions: [(words: String, offers: Set<String>)] = [
    ("", ["copy", "topics"]),
    ("to", ["topics"]),
    ("topics ", ["create", "list"]),
    ("-v -b x:1 topics cr", ["create"]),
    ("-b topics ", ["copy", "topics"]),
    ("copy --out", ["--output"]),
    ("copy --output ", ["json", "yaml", "table"]),
    ("copy -o y", ["yaml"]),
    ("cp a h", ["here"]),
    ("topics list --v", ["--verbose"]),
  ]

  @Test("bash offers what fits", arguments: questions) func bash(words: String, offers: Set<String>) throws {
    let output = try run(
      "bash", example.completion(.bash),
      """
      line=\("tool \(words)".shellQuoted)
      COMP_WORDS=($line); [[ $line == *" " ]] && COMP_WORDS+=("")
      COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
      _tool_complete
      printf '%s\\n' "${COMPREPLY[@]}"
      """)
    #expect(Set(output.split(separator: "\n").map(String.init)) == offers)
  }

  @Test(
    "fish offers what fits", .enabled(if: installed("fish"), "fish is not installed"), arguments: questions)
  func fish(words: String, offers: Set<String>) throws {
    let output = try run("fish --no-config", example.completion(.fish), "complete -C \("tool \(words)".shellQuoted)")
    let offered = output.split(separator: "\n").map { $0.prefix { $0 != "\t" } }.map(String.init)
    #expect(Set(offered) == offers)
  }

  @Test(
    "zsh understands every line, and offers commands and options",
    .enabled(if: installed("zsh"), "zsh is not installed"))
  func zsh() throws {
    // zsh completes only at a terminal, so the script runs in one that zsh itself opens.
    let output = try run(
      "zsh -f", "",
      """
      zmodload zsh/zpty
      zpty z zsh -f -i
      ask() { zpty -w z "$1"; }
      ask "PS1='' ; stty -echo; autoload -U compinit; compinit -u -D; zstyle ':completion:*' list-prompt ''; LISTMAX=1000"
      ask "source $SCRIPTS/completion.zsh"
      ask "print READ''Y"
      zpty -r z seen '*READY*'
      zpty -n -w z $'tool topics \\t'
      zpty -r -m z seen '*create*list*' && print commands
      zpty -n -w z $'\\x15tool copy --no\\t'
      zpty -r -m z seen '*--no-wait*' && print options
      zpty -d z
      """, files: ["completion.zsh": example.completion(.zsh)])
    #expect(output.contains("commands"))
    #expect(output.contains("options"))
  }
}

private func installed(_ program: String) -> Bool {
  ["/bin", "/usr/bin", "/usr/local/bin"].contains { access("\($0)/\(program)", X_OK) == 0 }
}

private struct ShellFailed: Error {
  let status: Int32
  let output: String
}

/// Runs `script` after `preface` and returns what both print; `files` lie in `$SCRIPTS` meanwhile.
private func run(_ shell: String, _ preface: String, _ script: String, files: [String: String] = [:]) throws -> String {
  let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
  var template = Array("\(parent)/thaw-completion-XXXXXX".utf8CString)
  try #require(mkdtemp(&template) != nil)
  let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  let files = files.merging(["main": preface + "\n" + script + "\n"]) { $1 }
  defer {
    for name in files.keys { unlink("\(folder)/\(name)") }
    rmdir("\(folder)/empty")
    rmdir(folder)
  }
  try #require(mkdir("\(folder)/empty", 0o755) == 0)
  for (name, text) in files {
    let file = try #require(fopen("\(folder)/\(name)", "w"))
    fputs(text, file)
    fclose(file)
  }
  // Shells offer the files of where they are, too.
  let command = "cd \(folder)/empty && SCRIPTS=\(folder) timeout 60 \(shell) \(folder)/main 2>&1 </dev/null"
  let pipe = try #require(popen(command, "r"))
  var output: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 4096)
  while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 { output += buffer[..<count] }
  let status = pclose(pipe)
  let text = String(decoding: output, as: UTF8.self)
  guard status == 0 else { throw ShellFailed(status: status, output: text) }
  return text
}

extension String {
  fileprivate var shellQuoted: String { "'\(self)'" }
}
