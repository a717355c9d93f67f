#!/usr/bin/env bash
# Brings a real Apache Kafka for the tests: its jars from Maven Central, into the cache. The tests start the broker
# themselves (test/setup/kafka-broker.ts).
#
#   ops/setup/kafka.sh            fetches what is missing
#   ops/setup/kafka.sh --check    says whether it is there, changes nothing
#   ops/setup/kafka.sh --remove   takes it out of the cache
part=kafka
source "$(dirname "${BASH_SOURCE[0]}")/script.bash"

version=4.4.0
home=$cache/kafka-$version

main() {
  options "$@"
  begin
  java_is_new || packages openjdk-17-jre-headless
  [ -d "$home" ] || fetch
  check
}

# The class files of Kafka 4 are of Java 17.
java_is_new() {
  local release
  release=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
  [ "${release:-0}" -ge 17 ]
}

# Kafka 4.4 logs through slf4j 1.7; without a binding to it a broker that dies says nothing.
fetch() {
  command -v mvn > /dev/null || packages maven
  say "fetching Apache Kafka $version"
  cat > "$work/pom.xml" << POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>saccade</groupId>
  <artifactId>kafka-for-tests</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>$version</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId>
      <artifactId>log4j-slf4j-impl</artifactId>
      <version>2.25.5</version>
    </dependency>
  </dependencies>
</project>
POM
  try 'its jars from Maven Central' mvn -B -q -f "$work/pom.xml" "-Dmaven.repo.local=$work/m2" \
    org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
    -DincludeScope=runtime "-DoutputDirectory=$work/jars"
  [ -e "$work/jars/kafka_2.13-$version.jar" ] || missing "kafka_2.13-$version.jar among what Maven fetched"
  mv "$work/jars" "$home"
}

remove() {
  rm -rf "$home"
  echo "$part: removed"
  exit 0
}

check() {
  java_is_new || missing 'Java 17 or newer (install: sudo apt-get install openjdk-17-jre-headless)'
  [ -d "$home" ] || missing "the jars of Apache Kafka $version (run: ops/setup/kafka.sh)"
  ready "Apache Kafka $version in $home"
}

main "$@"
