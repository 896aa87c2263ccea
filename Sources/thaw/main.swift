import Shell

import Glibc

let ports = Ports(
  client: { connection in
    let place = ControlPlace(connection)
    try await place.requireTopics()
    return KafkaControlClient(place)
  },
  topics: { KafkaTopicsAdministrator(ControlPlace($0)) },
  serve: { options, logger, tell in try await Service(options, logger, tell).run() })

let shell = Shell(ports: ports, terminal: .standard, environment: ProcessEnvironment.all)
let status = await shell.run(Array(CommandLine.arguments.dropFirst()))
// Not `exit`: it takes down what OpenSSL and others hold for the whole process, while librdkafka's threads, of a reader that was told to stop a moment
// ago, may still use it. A `thaw wait` that had its answer was seen to die of signal 11 so. Output isn't buffered: nothing is lost.
_exit(status.rawValue)
