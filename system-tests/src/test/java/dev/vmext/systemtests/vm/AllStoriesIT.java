package dev.vmext.systemtests.vm;

import org.junit.platform.suite.api.ConfigurationParameter;
import org.junit.platform.suite.api.IncludeClassNamePatterns;
import org.junit.platform.suite.api.SelectPackages;
import org.junit.platform.suite.api.Suite;

/** All stories, those with the tag {@code long} too. Runs only when asked for by its name: where processors are simulated it takes long. */
@Suite
@SelectPackages("dev.vmext.systemtests.vm")
@IncludeClassNamePatterns(".*StoryIT")
@ConfigurationParameter(
        key = "junit.jupiter.testclass.order.default",
        value = "org.junit.jupiter.api.ClassOrderer$OrderAnnotation")
class AllStoriesIT {}
