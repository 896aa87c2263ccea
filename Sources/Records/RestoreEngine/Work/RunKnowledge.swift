/// What all work on a run shares, for as long as the run is worked on here: nothing that couldn't be found out again.
package struct RunKnowledge: Sendable {
  package let archives = OpenedArchives()
  let refusedCodecs = RefusedCodecs()

  package init() {}
}
